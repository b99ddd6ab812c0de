"""S28: the collector is killed right before the agent restarts prod; systemd starts the collector again."""

NEEDS = "daemon"


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("pkill -KILL -x culprit; /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome=["agent", "unknown"], mechanism=["manager-request", "unknown"],
        confidence=["likely", "possible", "none"], agent=["claude-code", None], root=claude.fact,
        actor=scene.fact("actor"), has_gap=True)
