"""S16: prod leaks into its own limit while an agent works; and while the agent has a small process within that limit."""

CASES = {"S16-alone": False, "S16-agent-inside": True}


def stage(scene, _is_inside):
    scene.limit_memory(96)
    scene.daemon("prod", prefix="/lab/in-memory ")
    scene.install_agent("claude-code", "root")


def act(scene, is_inside):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    if is_inside:
        claude.run("/lab/in-memory /lab/hold small 2")
        scene.fact("holder", name="small")
    scene.cue("prod", "leak")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, main_pid_before=before, outcome="self", mechanism="oom-kill",
        confidence="proven", actor=before, victim=before, trigger=before, hog=before, exonerated=[claude.innocent])
