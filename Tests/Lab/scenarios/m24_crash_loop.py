"""M24: prod crashes at each start until the manager gives up. An agent is busy, and looks at it."""

LIMIT = "StartLimitIntervalSec=30\nStartLimitBurst=3"


def stage(scene):
    scene.daemon("prod", "--abort-when /lab/broken", unit=LIMIT)
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    claude.run("while :; do systemctl status prod; sleep 0.2; done")
    scene.script("broken", "")
    scene.cue("prod", "abort")
    scene.service("prod", 2)
    scene.expect(
        unit="prod.service", kind=["failed", "failed-to-start"], signal=6, outcome="self", mechanism="crash",
        confidence=["proven", "likely"], agent=None, root=[before, *scene.facts("service", name="prod")],
        exonerated=[claude.innocent])
