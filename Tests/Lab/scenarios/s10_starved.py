"""S10: the agent's build takes all CPU time, and prod, which has work to do, misses its watchdog; or a person's does; or
prod hangs by itself while the agent's build runs; or the agent's build takes what prod needs to start in time."""

ALONE = True  # nothing else gets much of the machine meanwhile
CASES = {"S10-agent": "claude", "S10-person": "person", "S10-hangs": "prod", "S10-start": "start"}
UNASKED = ("S10-agent", "S10-person", "S10-hangs")

BUILD = """#!/bin/sh
# The jobs of a build, which end by themselves; in sessions of their own, since the scheduler shares time out by session.
for job in $(seq $((32 * $(nproc)))); do
  setsid timeout -s KILL {} sh -c 'while [ ! -e /lab/over ]; do :; done' &
done
wait
"""
# Where time is shared out by cgroup first, what is none of the users' would have as much as all of theirs together, and one
# process of a user's as much as the build of another.
LIGHT = "[Slice]\nCPUWeight={}\n"


def stage(scene, who):
    scene.system_unit("batch.slice", LIGHT.format(1), enabled=False)
    scene.lab.write("etc/systemd/system/user-0.slice.d/light.conf", LIGHT.format(5))
    if who == "start":
        scene.daemon("prod", "--first 3000", service="Slice=batch.slice\nTimeoutStartSec=12s", enabled=False)
    else:
        work = "" if who == "prod" else f" --work {scene.seconds(800)}"
        scene.daemon("prod", f"--watchdog{work}", service=f"Slice=batch.slice\nWatchdogSec={scene.seconds(16)}s")
    scene.install_agent("claude-code", "dev")
    scene.install_agent("codex", "root")
    scene.script("build", BUILD.format(scene.seconds(60)))


def act(scene, who):
    if who == "start":
        return starts_late(scene)
    before = scene.service("prod")
    person = scene.login("console", "dev")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    scene.let_run(3)
    if who == "person":
        claude.be_busy()
        scene.login("attic", "op").type("/lab/build")
    else:
        claude.run("/lab/build")
    if who == "prod":
        # It waits for a while, as the others do, before it hangs.
        scene.let_run(3)
        scene.cue("prod", "hang")
    scene.wait_gone(before, 60)
    scene.script("over", "")
    scene.service("prod", 1)
    truth = {
        "claude": {
            "outcome": ["agent"], "agent": "claude-code", "mechanism": "resource-contention",
            "confidence": ["likely", "possible"], "root": claude.fact, "exonerated": [codex.innocent]},
        "person": {
            "outcome": "operator", "agent": None, "mechanism": "resource-contention",
            "confidence": ["likely", "possible"], "exonerated": [claude.innocent, codex.innocent]},
        "prod": {
            "outcome": "self", "agent": None, "mechanism": "watchdog",
            # It had waited for a part of that time: the agent is not accused, and not said to be innocent either.
            "confidence": ["proven", "likely", "possible"], "exonerated": [codex.innocent]},
    }[who]
    # Its restart may take longer than an incident waits for it, where all is slow.
    kind = "restarted" if scene.slowness == 1 else ["restarted", "failed"]
    scene.expect(unit="prod.service", kind=kind, signal=6, main_pid_before=before, **truth)
    scene.allow_others("later starts of prod may starve as well until the build is over")


def starts_late(scene):
    claude = scene.login("console", "dev").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    person = scene.login("attic", "root")
    claude.run("/lab/build")
    scene.let_run(3)
    person.type("systemctl start prod.service")
    late = scene.service("prod")
    scene.wait_gone(late, 60)
    scene.script("over", "")
    scene.expect(
        unit="prod.service", kind="failed-to-start", outcome="agent", agent="claude-code", mechanism="resource-contention",
        confidence=["likely", "possible"], root=claude.fact, exonerated=[codex.innocent])
    scene.allow_others("later starts of prod may starve as well until the build is over")
