"""M14: the agent restarts prod, whose start then fails."""


def stage(scene):
    scene.daemon("prod", restart="no", service="ExecStartPre=/usr/bin/test ! -e /lab/broken")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("touch /lab/broken; exec /lab/as-actor systemctl restart prod.service")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", kind="failed-to-start", outcome="agent", mechanism="manager-request",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before)
