"""M19: a user's service aborts as soon as it runs, while its manager is hardly known yet. An agent is busy."""


def stage(scene):
    scene.daemon("prod", user="dev", options="--abort-at-once")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    scene.service("prod", 1)
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.expect(
        unit="prod.service", user="dev", kind=["restarted", "failed-to-start"], outcome=["self", "unknown"], agent=None,
        mechanism=["crash", "signal", "unknown"], root=before)
