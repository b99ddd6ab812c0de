"""M12: one command of the agent's restarts two units: one act, two incidents that name each other."""


def stage(scene):
    scene.daemon("prod-a")
    scene.daemon("prod-b")
    scene.install_agent("codex", "dev")


def act(scene):
    first, second = scene.service("prod-a"), scene.service("prod-b")
    codex = scene.login("laptop", "dev").agent("codex")
    codex.run("sudo /lab/as-actor systemctl restart prod-a.service prod-b.service")
    scene.service("prod-a", 1)
    scene.service("prod-b", 1)
    for name, other, before in (("prod-a", "prod-b", first), ("prod-b", "prod-a", second)):
        scene.expect(
            unit=f"{name}.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
            agent="codex", root=codex.fact, actor=scene.fact("actor"), main_pid_before=before, related=[f"{other}.service"])
