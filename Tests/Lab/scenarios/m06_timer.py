"""M06: a timer's job restarts prod, as every night. An agent is busy, and looks at the timers."""

JOB = "#!/bin/sh\n. /lab/facts.sh\nfact job $$\nuntil [ -e /lab/cue.job ]; do sleep 0.1; done\n/lab/as-actor systemctl restart prod.service\n"
SERVICE = "[Service]\nType=oneshot\nExecStart=/lab/nightly\n"
TIMER = "[Unit]\nAfter=culprit.service\n[Timer]\nOnActiveSec=100ms\nAccuracySec=10ms\n"


def stage(scene):
    scene.daemon("prod")
    scene.script("nightly", JOB)
    scene.system_unit("nightly.service", SERVICE, enabled=False)
    scene.system_unit("nightly.timer", TIMER)
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    claude.run("systemctl list-timers; systemctl cat nightly.timer prod.service")
    scene.cue("job", "now")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="system", mechanism="scheduled", confidence=["proven", "likely"],
        agent=None, root=scene.fact("job"), actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[claude.innocent])
