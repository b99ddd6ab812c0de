"""M11: the agent starts a unit that `Conflicts=` with prod, which is stopped for it."""


def stage(scene):
    scene.daemon("prod")
    scene.daemon("maintenance", unit="Conflicts=prod.service", enabled=False)
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor systemctl start maintenance.service")
    scene.wait_gone(before)
    scene.service("maintenance")
    scene.expect(
        unit="prod.service", kind="stopped", outcome="agent", mechanism="dependency", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
