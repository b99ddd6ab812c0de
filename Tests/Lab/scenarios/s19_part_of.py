"""S19: the agent restarts `base.service`; prod is `PartOf=` it and goes along."""


def stage(scene):
    scene.daemon("base")
    scene.daemon("prod", unit="PartOf=base.service\nAfter=base.service")
    scene.install_agent("claude-code", "root")


def act(scene):
    base, prod = scene.service("base"), scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor systemctl restart base.service")
    scene.service("prod", 1)
    same = {
        "kind": "restarted", "outcome": "agent", "confidence": "proven", "agent": "claude-code", "root": claude.fact,
        "actor": scene.fact("actor")}
    scene.expect(
        unit="base.service", mechanism="manager-request", main_pid_before=base, related=["prod.service"], **same)
    scene.expect(unit="prod.service", mechanism="dependency", main_pid_before=prod, related=["base.service"], **same)
