"""S17: prod exits with code 3 by itself; nobody starts it again."""


def stage(scene):
    scene.daemon("prod", restart="no")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.cue("prod", "exit:3")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", kind="failed", exit_code=3, outcome="self", mechanism="exit",
        confidence=["proven", "likely"], agent=None, root=before, actor=before, main_pid_before=before,
        exonerated=[claude.innocent])
