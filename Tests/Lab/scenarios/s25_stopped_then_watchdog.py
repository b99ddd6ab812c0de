"""S25: the agent stops prod's main process with SIGSTOP; the watchdog ends it later."""


def stage(scene):
    scene.daemon("prod", "--watchdog", service="WatchdogSec=3s\nTimeoutAbortSec=500ms")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f". /lab/facts.sh; fact actor $$; kill -STOP {before['pid']}; true")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="signal", confidence=["proven", "likely"],
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
