"""M18: prod is started by its socket; the agent stops it, and the next client starts it again."""

SOCKET = "[Socket]\nListenStream=127.0.0.1:8080\n"


def stage(scene):
    scene.daemon("prod", enabled=False)
    scene.system_unit("prod.socket", SOCKET)
    scene.install_agent("claude-code", "root")


def act(scene):
    person = scene.login("office", "op")
    person.type("exec 3<>/dev/tcp/127.0.0.1/8080")
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor systemctl stop prod.service")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", kind=["stopped", "restarted"], outcome="agent", mechanism="manager-request",
        confidence="proven", agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
