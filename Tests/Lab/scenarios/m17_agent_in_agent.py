"""M17: an agent starts another agent, and that one restarts prod."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")


def act(scene):
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    codex = person.agent("codex", through=claude)
    codex.run("/lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    # The innermost is the actor's agent; the outermost owns the tree, and its root is the chain's.
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="codex", root=[claude.fact, codex.fact], actor=scene.fact("actor"), main_pid_before=before)
