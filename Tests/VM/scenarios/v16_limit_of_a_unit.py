"""V16: prod leaks into its own MemoryMax= while an agent works."""


def stage(scene):
    scene.daemon("prod", service="MemoryMax=80M")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    scene.cue("prod", "leak")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="self", mechanism="oom-kill",
        confidence=["proven", "likely"], exonerated=[claude.innocent], main_pid_before=before, victim=before)
