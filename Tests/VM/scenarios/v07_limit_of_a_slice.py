"""V07: an agent's test run forks daemons under the MemoryMax= of a user's slice, in which prod is as well and is killed."""

SLICE = "[Slice]\nMemoryMax=400M\n"


def stage(scene):
    scene.lab.write("etc/systemd/system/user-1000.slice.d/limit.conf", SLICE)
    scene.daemon("prod", user="dev", service="OOMScoreAdjust=800")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    scene.cue("prod", "hold:40")
    scene.fact("followed", name="prod")
    claude = scene.login("terminal", "dev").agent("claude-code")
    claude.run(f"/lab/hog {before['pid']} 10")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", signal=9, outcome="agent", mechanism="oom-kill",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, main_pid_before=before, victim=before,
        hog=claude.fact)
