"""M40: somebody's environment has an agent's marker, left there or set by hand; no agent did it. One is busy elsewhere."""

CASES = {
    "M40-shell": ("person", "export CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=left-over; {act}"),
    "M40-prefix": ("person", "CLAUDECODE=1 {act}"),
    "M40-line": ("person", "bash -c 'export CODEX_CI=1; {act}; true'"),
    "M40-sudo": ("person", "export CLAUDECODE=1; sudo -E {act}"),
    "M40-unit": ("unit", None),
    "M40-tmux": ("tmux", "export CLAUDECODE=1; tmux new-session -d -s mine"),
}


def stage(scene, parameter):
    who, _ = parameter
    marked = "Environment=CLAUDECODE=1 AI_AGENT=claude-code"
    scene.daemon("prod", service=marked if who == "unit" else "")
    scene.install_agent("codex", "root")
    scene.script("sweeper", "#!/bin/sh\nuntil [ -e /lab/now ]; do sleep 0.1; done\n/lab/as-actor kill -9 $(cat /lab/now)\nexec sleep 600\n")
    if who == "unit":
        scene.system_unit("sweeper.service", f"[Service]\nExecStart=/lab/sweeper\n{marked}\n")


def act(scene, parameter):
    who, line = parameter
    before = scene.service("prod")
    codex = scene.login("laptop", "root").agent("codex")
    codex.be_busy()
    same = {
        "unit": "prod.service", "kind": "restarted", "signal": 9, "mechanism": "signal", "agent": None,
        "confidence": ["likely", "possible"], "main_pid_before": before, "exonerated": [codex.innocent],
        "says": ["CLAUDECODE"]}
    kill = f"/lab/as-actor kill -9 {before['pid']}"
    if who == "unit":
        scene.script("now", str(before["pid"]))
        scene.service("prod", 1)
        scene.expect(outcome="system", actor=scene.fact("actor"), **same)
        return
    person = scene.login("office", "root")
    if who == "tmux":
        person.type(line)
        person.type(f"tmux send-keys -t mine '{kill}' Enter")
        scene.service("prod", 1)
        same["exonerated"] = [codex.innocent]
    else:
        person.type(line.format(act=kill))
        scene.service("prod", 1)
    if "CODEX" in line:
        same["says"] = ["CODEX_CI"]
    scene.expect(outcome="operator", root=person.first, actor=scene.fact("actor"), **same)
