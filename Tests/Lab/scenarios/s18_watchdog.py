"""S18: prod hangs by itself and misses its watchdog."""

ALONE = True  # what others use up of the machine meanwhile makes it less sure


def stage(scene):
    scene.daemon("prod", "--watchdog", service="WatchdogSec=3s")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.cue("prod", "hang")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=6, outcome="self", mechanism="watchdog",
        confidence=["proven", "likely"], agent=None, root=before, main_pid_before=before, exonerated=[claude.innocent])
