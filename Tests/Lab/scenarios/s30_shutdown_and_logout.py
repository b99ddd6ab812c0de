"""S30: a person shuts the host down; a user without lingering logs out, and her services end with her last session."""

CASES = {"S30-poweroff": "poweroff", "S30-logout": "logout"}


def stage(scene, case):
    if case == "poweroff":
        scene.daemon("prod", is_early=True)
    else:
        scene.daemon("prod", user="kim")
    scene.install_agent("claude-code", "dev")


def act(scene, case):
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    if case == "poweroff":
        power_off(scene, claude)
    else:
        log_out(scene, claude)


def power_off(scene, claude):
    before = scene.service("prod")
    person = scene.login("office", "op")
    person.type("sudo /lab/as-actor systemctl poweroff")
    scene.wait_gone(before)
    scene.wait_down()
    scene.expect(
        unit="prod.service", kind="stopped", outcome="operator", mechanism="host-shutdown",
        confidence=["proven", "likely"], agent=None, root=person.first, actor=scene.fact("actor"),
        main_pid_before=before, exonerated=[claude.innocent])
    scene.allow_others("a shutdown stops every unit of the host")


def log_out(scene, claude):
    person = scene.login("train", "kim")
    before = scene.service("prod")
    scene.let_run()
    person.type("exit")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", user="kim", kind="stopped", outcome="operator", mechanism="host-shutdown",
        confidence=["proven", "likely"], agent=None, root=person.first, actor=person.first, main_pid_before=before,
        exonerated=[claude.innocent])
    scene.allow_others("logging out ends the user's manager and what it runs")
