"""S11: prod's MemoryMax= is lowered below what it holds, and the kernel ends it: by an agent's drop-in and reload, by an
agent's set-property, or by a person's while an agent works."""

CASES = {"S11-reload": "reload", "S11-property": "property", "S11-person": "person"}

DROP_IN = "/etc/systemd/system/prod.service.d/limit.conf"


def stage(scene, _):
    scene.daemon("prod", service="MemoryMax=400M")
    for kind in ("claude-code", "codex"):
        scene.install_agent(kind, "root")


def act(scene, case):
    before = scene.service("prod")
    scene.cue("prod", "hold:120")
    scene.fact("followed", name="prod")
    claude = scene.login("console", "root").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    scene.let_run(3)
    if case == "reload":
        claude.run(f"mkdir -p {DROP_IN.rpartition('/')[0]} && printf '[Service]\\nMemoryMax=60M\\n' > {DROP_IN}")
        claude.run("systemctl daemon-reload")
    elif case == "property":
        claude.run("systemctl set-property --runtime prod.service MemoryMax=60M")
    else:
        claude.be_busy()
        person = scene.login("attic", "root")
        person.type("systemctl set-property --runtime prod.service MemoryMax=60M")
    scene.service("prod", 1)
    if case == "person":
        truth = {"outcome": "operator", "agent": None, "root": person.first, "exonerated": [claude.innocent, codex.innocent]}
    else:
        truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "exonerated": [codex.innocent]}
    scene.expect(
        # Its restart may take longer than an incident waits for it: all is slow here.
        unit="prod.service", kind=["restarted", "failed", "killed"], signal=9, mechanism="config-change", confidence=["proven", "likely"],
        main_pid_before=before, victim=before, **truth)
