"""S26: two agents of one user: one restarts prod, the other is only busy. Either way round."""

CASES = {"S26-claude": ("claude-code", "codex"), "S26-codex": ("codex", "claude-code")}


def stage(scene, kinds):
    scene.daemon("prod", user="dev")
    for kind in kinds:
        scene.install_agent(kind, "dev")


def act(scene, kinds):
    before = scene.service("prod")
    culprit = scene.login("laptop", "dev").agent(kinds[0])
    bystander = scene.login("tablet", "dev").agent(kinds[1])
    bystander.be_busy()
    culprit.run("/lab/as-actor systemctl --user restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence="proven", agent=kinds[0], root=culprit.fact, actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[bystander.innocent])
