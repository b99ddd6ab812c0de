"""M29: the collector hangs, the manager's watchdog ends it and starts it again; the agent restarts prod meanwhile."""

NEEDS = "daemon"


def stage(scene):
    scene.daemon("prod")
    scene.lab.write("etc/systemd/system/culprit.service.d/watchdog.conf", "[Service]\nWatchdogSec=2\n")
    scene.install_agent("claude-code", "root")


def act(scene):
    scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("pkill -STOP -x culprit; /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.let_run(5)
    scene.expect(
        unit="prod.service", kind="restarted", outcome=["agent", "unknown"], mechanism=["manager-request", "unknown"],
        confidence=["likely", "possible", "none"], agent=["claude-code", None], root=claude.fact,
        actor=scene.fact("actor"), has_gap=True)
