"""M32: prod crashes at each start, and no limit stops the manager from starting it again; an agent is busy."""

from bounded import wait_until


def stage(scene):
    scene.daemon("prod", "--abort-when /lab/broken")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    scene.script("broken", "")
    scene.cue("prod", "abort")
    wait_until("prod does not go on crashing", lambda: scene.facts("service", name="prod")[30:], 120)
    scene.expect(
        unit="prod.service", kind=["restarted", "failed", "failed-to-start"], signal=6, outcome="self", mechanism="crash",
        confidence=["proven", "likely"], agent=None, root=[before, *scene.facts("service", name="prod")],
        exonerated=[claude.innocent])
    scene.allow_others("it goes on crashing")
