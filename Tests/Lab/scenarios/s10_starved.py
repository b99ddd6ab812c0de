"""S10: prod hangs by itself while the agent's build takes all CPU time: it misses its watchdog, and that is its own."""

ALONE = True  # nothing else gets much of the machine meanwhile
CASES = {"S10-hangs": "prod"}

BUILD = """#!/bin/sh
# The jobs of a build, which end by themselves; in sessions of their own, since the scheduler shares time out by session.
for job in $(seq 64); do
  setsid timeout -s KILL 40 sh -c 'while [ ! -e /lab/over ]; do :; done' &
done
wait
"""


def stage(scene, _):
    scene.daemon("prod", "--watchdog", service="WatchdogSec=12s")
    scene.install_agent("claude-code", "dev")
    scene.install_agent("codex", "root")
    scene.script("build", BUILD)


def act(scene, _):
    before = scene.service("prod")
    claude = scene.login("console", "dev").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    scene.let_run(3)
    claude.run("/lab/build")
    # It waits for a while, as all others do, before it hangs.
    scene.let_run(3)
    scene.cue("prod", "hang")
    scene.wait_gone(before, 45)
    scene.script("over", "")
    scene.service("prod", 1)
    # It had waited for a part of that time: the agent is not accused, and not said to be innocent either.
    scene.expect(
        unit="prod.service", kind="restarted", signal=6, outcome="self", agent=None, mechanism="watchdog",
        confidence=["proven", "likely", "possible"], main_pid_before=before, exonerated=[codex.innocent])
    scene.allow_others("later starts of prod may starve as well until the build is over")
