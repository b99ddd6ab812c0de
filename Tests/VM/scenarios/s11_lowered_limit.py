"""S11: prod's MemoryMax= is lowered below what it holds, and the kernel ends it: by an agent's drop-in and reload, by an
agent's set-property, or by a person's while an agent works; or by a person's reload of what a link leads to, where nobody
looks, while an agent has just changed prod's description."""

CASES = {"S11-reload": "reload", "S11-property": "property", "S11-person": "person", "S11-elsewhere": "elsewhere"}

DROP_INS = "/etc/systemd/system/prod.service.d"
DROP_IN = f"{DROP_INS}/limit.conf"
TARGET = "/srv/limit.conf"


def stage(scene, case):
    scene.daemon("prod", service="MemoryMax=400M")
    if case == "elsewhere":
        scene.lab.write(TARGET.lstrip("/"), "[Service]\nMemoryMax=300M\n")
        scene.lab.link(DROP_IN.lstrip("/"), TARGET)
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
        claude.run(f"mkdir -p {DROP_INS} && printf '[Service]\\nMemoryMax=60M\\n' > {DROP_IN}")
        claude.run("systemctl daemon-reload")
    elif case == "property":
        claude.run("systemctl set-property --runtime prod.service MemoryMax=60M")
    else:
        if case == "elsewhere":
            claude.run(f"printf '[Unit]\\nDescription=Production\\n' > {DROP_INS}/text.conf")
        claude.be_busy()
        person = scene.login("attic", "root")
        person.type({
            "person": "systemctl set-property --runtime prod.service MemoryMax=60M",
            "elsewhere": f"printf '[Service]\\nMemoryMax=60M\\n' > {TARGET}; systemctl daemon-reload"}[case])
    scene.service("prod", 1)
    if case == "elsewhere":
        truth = {
            "outcome": "unknown", "agent": None, "confidence": "none",
            "says": [f"{DROP_INS}/text.conf (nothing of memory)", "does not lower it to that"]}
    elif case == "person":
        truth = {"outcome": "operator", "agent": None, "root": person.first, "exonerated": [claude.innocent, codex.innocent]}
    else:
        truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "exonerated": [codex.innocent]}
    scene.expect(
        # Its restart may take longer than an incident waits for it: all is slow here.
        unit="prod.service", kind=["restarted", "failed", "killed"], signal=9, mechanism="config-change", main_pid_before=before, victim=before,
        **({"confidence": ["proven", "likely"]} | truth))
