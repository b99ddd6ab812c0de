"""V31: memory gets short slowly, above the MemoryHigh= of a slice that prod shares with an agent, and what dies with prod has
been looked at when the kernel ends it at the MemoryMax= above that: the agent's test run took the memory, or prod itself; or a
process of the agent's dies."""

CASES = {"V31-prod": "prod", "V31-agent": "agent", "V31-victim": "victim"}
# Who takes memory does it at one go, and is only slowed down by the kernel: whoever ran other code meanwhile would read that
# from the disk again and again, and hardly get on.
SHARED = "[Slice]\nMemoryHigh=380M\nMemoryMax=400M\n"
SLICE = "/sys/fs/cgroup/user.slice/user-1000.slice"


def stage(scene, who):
    scene.lab.write("etc/systemd/system/user-1000.slice.d/limit.conf", SHARED)
    scene.daemon("prod", "--port 8080", user="dev", service="OOMScoreAdjust=800" if who == "agent" else "")
    scene.install_agent("claude-code", "dev")
    scene.install_agent("codex", "root")


def oom_kills():
    with open(f"{SLICE}/memory.events", encoding="utf-8") as file:
        return dict(line.split() for line in file)["oom_kill"]


def act(scene, who):
    before = scene.service("prod")
    claude = scene.login("console", "dev").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    held, innocent = 80, [codex.innocent]
    truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "hog": claude.fact}
    if who == "prod":
        held, innocent = 300, [claude.innocent, codex.innocent]
        truth = {"outcome": "self", "agent": None, "actor": before, "hog": before}
        scene.cue("prod", "hold:500")
    elif who == "agent":
        scene.cue("prod", f"hold:{held}")
        scene.fact("followed", name="prod")
        claude.run("/lab/hold suite 310")
    else:
        # Of all there is the largest, and the first that may go: nothing of prod is disrupted.
        claude.run("echo 1000 >/proc/self/oom_score_adj; . /lab/facts.sh; fact largest $$; exec /lab/hold large 500")
        scene.wait_gone(scene.fact("largest"), 60)
        assert oom_kills() == "1"
        scene.let_run(20)  # an incident takes 15 to settle
        return
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", signal=9, mechanism="oom-kill",
        confidence=["proven", "likely"], main_pid_before=before, victim=before, exonerated=innocent,
        says=["listening on 127.0.0.1:8080"], evidence=[
            {"kind": "snapshot", "process": before, "least": {"rss_kib": held << 10, "descriptors": 4, "sockets": 3}}],
        **truth)
