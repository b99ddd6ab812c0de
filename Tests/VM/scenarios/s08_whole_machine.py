"""S08: an agent's test run fills the machine's memory with daemons; prod is who is killed."""


def stage(scene):
    scene.daemon("prod", service="OOMScoreAdjust=800")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    scene.cue("prod", "hold:60")
    scene.fact("followed", name="prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f"/lab/hog {before['pid']} 40")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="agent", mechanism="oom-kill",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, main_pid_before=before, victim=before,
        hog=claude.fact)
