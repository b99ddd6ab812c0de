"""M03: an agent reaches a user's manager by a way of its own: the bus, as root for another user, by a bridge."""

CASES = {
    "M03-bus": (
        "dev", "/lab/as-actor busctl --user call org.freedesktop.systemd1 /org/freedesktop/systemd1 "
        "org.freedesktop.systemd1.Manager RestartUnit ss prod.service replace"),
    "M03-sudo-u": (
        "root", "sudo -u dev XDG_RUNTIME_DIR=/run/user/1000 /lab/as-actor systemctl --user restart prod.service"),
    "M03-bridge": ("root", "/lab/as-actor systemctl --user -M dev@ restart prod.service"),
}


def stage(scene, parameter):
    scene.daemon("prod", user="dev")
    scene.install_agent("codex", parameter[0])


def act(scene, parameter):
    user, command = parameter
    before = scene.service("prod")
    codex = scene.login("laptop", user).agent("codex")
    codex.run(command)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence=["proven", "likely"], agent="codex", root=codex.fact, actor=scene.fact("actor"), main_pid_before=before)
    scene.allow_others("the bridge is a transient unit, which ends as well")
