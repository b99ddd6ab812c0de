"""M07: an agent asks for prod's state all the time, and prod leaves by itself: with an error, or cleanly and is restarted."""

CASES = {"M07-error": ("exit:1", "on-failure"), "M07-clean": ("leave", "always")}
ASK = """\
#!/bin/bash
. /lab/facts.sh
while :; do
    systemctl status prod.service; systemctl show prod.service; systemctl is-active prod.service
    systemctl reset-failed prod.service
    kill -0 $(systemctl show -P MainPID prod.service)
    fact asked $$
done
"""


def stage(scene, parameter):
    scene.daemon("prod", restart=parameter[1])
    scene.script("ask", ASK)
    scene.install_agent("claude-code", "root")


def act(scene, parameter):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/ask")
    scene.fact("asked")
    scene.cue("prod", parameter[0])
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="self", mechanism="exit", confidence=["proven", "likely"],
        agent=None, root=before, main_pid_before=before, exonerated=[claude.innocent])
