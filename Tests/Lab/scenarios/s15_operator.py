"""S15: a person restarts prod while an agent works."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    person = scene.login("office", "op")
    person.type("sudo /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="operator", mechanism="manager-request", confidence="proven",
        agent=None, root=person.first, actor=scene.fact("actor"), main_pid_before=before, exonerated=[claude.innocent])
