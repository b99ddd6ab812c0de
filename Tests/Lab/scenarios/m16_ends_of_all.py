"""M16: an agent ends more than one unit: it reboots the host; it ends another user's sessions and manager."""

CASES = {"M16-reboot": "systemctl reboot", "M16-terminate": "loginctl terminate-user kim"}


def stage(scene, command):
    if command == "systemctl reboot":
        scene.daemon("prod", is_early=True)
    else:
        scene.daemon("prod", user="kim")
    scene.install_agent("claude-code", "root")


def act(scene, command):
    is_reboot = command == "systemctl reboot"
    if not is_reboot:
        scene.login("train", "kim")
        scene.let_run()
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f"/lab/as-actor {command}")
    scene.wait_gone(before)
    if is_reboot:
        scene.wait_down()
    scene.expect(
        unit="prod.service", user=None if is_reboot else "kim", kind="stopped", outcome="agent",
        mechanism="host-shutdown" if is_reboot else "manager-request", confidence=["proven", "likely"],
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
    scene.allow_others("all units of the host or of the user end")
