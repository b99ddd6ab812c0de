"""S10: the agent's build takes all CPU time, and prod, which is nice to others, misses its watchdog; or a person's does; or
prod hangs by itself while the agent's build runs."""

CASES = {"S10-agent": "claude", "S10-person": "person", "S10-hangs": "prod"}

BUILD = """#!/bin/sh
# The jobs of a build, which end by themselves.
for job in $(seq 48); do
  timeout -s KILL 40 sh -c 'while [ ! -e /lab/over ]; do :; done' &
done
wait
"""


def stage(scene, who):
    nice = "Nice=0" if who == "prod" else "Nice=19"
    work = "" if who == "prod" else " --work 60"
    scene.daemon("prod", f"--watchdog{work}", service=f"WatchdogSec=4s\n{nice}")
    scene.install_agent("claude-code", "dev")
    scene.install_agent("codex", "root")
    scene.script("build", BUILD)


def act(scene, who):
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
        scene.let_run(3)
        scene.cue("prod", "hang")
    scene.wait_gone(before, 45)
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
            "outcome": "self", "agent": None, "mechanism": "watchdog", "confidence": ["proven", "likely"],
            "exonerated": [claude.innocent, codex.innocent]},
    }[who]
    scene.expect(unit="prod.service", kind="restarted", signal=6, main_pid_before=before, **truth)
    scene.allow_others("later starts of prod may starve as well until the build is over")
