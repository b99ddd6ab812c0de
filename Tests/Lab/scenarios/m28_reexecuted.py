"""M28: the manager is executed anew (daemon-reexec) by a person while the collector watches it; the agent restarts prod."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    person = scene.login("office", "op")
    person.type("sudo /lab/as-actor systemctl daemon-reexec")
    scene.actor()
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("exec /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, actor=scene.actor(1),
        main_pid_before=before, has_gap=True)
