"""M56: an agent's build keeps all CPUs busy, and prod spins by itself until its watchdog strikes; or a person stops prod, which
cannot end in time for want of CPU time."""

ALONE = True  # nothing else gets much of the machine meanwhile
CASES = {"M56-spins": "spins", "M56-stop": "stop"}
UNASKED = ("M56-spins",)

BUILD = """#!/bin/sh
# The jobs of a build, which end by themselves; in sessions of their own, since the scheduler shares time out by session.
for job in $(seq $(({jobs} * $(nproc)))); do
  setsid timeout -s KILL 90 sh -c 'while [ ! -e /lab/over ]; do :; done' &
done
wait
"""


def stage(scene, case):
    if case == "spins":
        scene.daemon("prod", "--watchdog", service="WatchdogSec=16s")
    else:
        scene.daemon("prod", "--last 3000", restart="no", service="TimeoutStopSec=12s")
    scene.install_agent("claude-code", "dev")
    scene.script("build", BUILD.format(jobs=2 if case == "spins" else 32))


def act(scene, case):
    before = scene.service("prod")
    scene.let_run(12)  # what it needs is seen
    claude = scene.login("console", "dev").agent("claude-code")
    person = scene.login("attic", "root") if case == "stop" else None
    claude.run("/lab/build")
    scene.let_run(3)
    if case == "spins":
        scene.cue("prod", "spin")
        scene.wait_gone(before, 60)
        scene.script("over", "")
        scene.service("prod", 1)
        # What it needs is not known for certain: nobody else is accused, and the agent is not said to be innocent.
        scene.expect(
            unit="prod.service", kind="restarted", signal=6, main_pid_before=before, outcome="self", mechanism="watchdog",
            agent=None, root=before, confidence=["likely", "possible"])
        scene.allow_others("later starts of prod may starve as well until the build is over")
        return
    person.type("systemctl stop prod.service")
    scene.wait_gone(before, 60)
    scene.script("over", "")
    scene.expect(
        unit="prod.service", kind="failed", signal=9, main_pid_before=before, outcome="operator", mechanism="manager-request",
        agent=None, root=person.first, confidence=["proven", "likely"],
        says=["and the manager killed it", "of the CPU time"])
