"""M05: base crashes by itself; prod is `BindsTo=` it and is stopped by the manager. An agent is busy."""


def stage(scene):
    scene.daemon("base", restart="no")
    scene.daemon("prod", unit="BindsTo=base.service\nAfter=base.service")
    scene.install_agent("claude-code", "dev")


def act(scene):
    base, prod = scene.service("base"), scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.cue("base", "fault")
    scene.wait_gone(prod)
    same = {"agent": None, "exonerated": [claude.innocent]}
    scene.expect(
        unit="base.service", kind="failed", signal=11, outcome="self", mechanism="crash", main_pid_before=base,
        confidence=["proven", "likely"], root=base, **same)
    # Nobody asked: the words have no better outcome than these. A name would be wrong.
    scene.expect(
        unit="prod.service", kind="stopped", outcome=["self", "system", "unknown"], mechanism="dependency",
        main_pid_before=prod, related=["base.service"], **same)
