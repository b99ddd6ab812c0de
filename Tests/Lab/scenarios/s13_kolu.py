"""S13: a user's service aborts by itself and comes back with `Result=success`, `NRestarts=1`, which reads like a clean stop.
An agent of the same user is busy next to it."""


def stage(scene):
    scene.daemon("prod", user="dev")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.cue("prod", "abort")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", signal=6, outcome="self", mechanism="crash",
        confidence=["proven", "likely"], agent=None, root=before, actor=before, main_pid_before=before,
        exonerated=[claude.innocent], says=["Result=success", "NRestarts=1"])
