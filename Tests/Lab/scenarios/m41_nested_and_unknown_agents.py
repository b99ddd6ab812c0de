"""M41: an agent inside its like, with a session of its own; a program that nobody has described and that marks what it
starts; one session after the other in one process."""

CASES = {"M41-same-kind": "same", "M41-undescribed": "undescribed", "M41-named": "named", "M41-cleared": "cleared"}
UNKNOWN = """\
import subprocess, sys, time
with open("/lab/facts", "a") as facts:
    state = open("/proc/self/stat").read().rpartition(") ")[2].split()
    import json, os
    print(json.dumps({"fact": "unknown", "pid": os.getpid(), "ppid": int(state[1]), "start_ticks": int(state[19]),
                      "boot": float(open("/proc/uptime").read().split()[0])}), file=facts)
subprocess.run(["/bin/bash", "-c", sys.argv[2]], env=dict(os.environ) | dict([sys.argv[1].split("=")]))
time.sleep(600)
"""


def stage(scene, _parameter):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.script("tool.py", UNKNOWN)


def act(scene, parameter):
    before = scene.service("prod")
    person = scene.login("console", "root")
    kill = f"/lab/as-actor kill -9 {before['pid']}"
    same = {
        "unit": "prod.service", "kind": "restarted", "signal": 9, "outcome": "agent", "mechanism": "signal",
        "main_pid_before": before}
    if parameter in ("undescribed", "named"):
        marker, name = {"undescribed": ("GEMINI_CLI=1", "gemini-cli"), "named": ("AI_AGENT=bot-of-ours", "bot-of-ours")}[parameter]
        person.type(f"python3 /lab/tool.py {marker} '{kill}; true'")
        scene.service("prod", 1)
        actor = scene.fact("actor")
        # Nothing but the marker says so: never certain, and the descent is stated.
        scene.expect(
            agent=name, confidence=["likely", "possible"], actor=actor, says=["in the environment alone", "login session"],
            **same)
        return
    claude = person.agent("claude-code")
    if parameter == "same":
        inner = person.agent("claude-code", name="inner", through=claude)
        claude.be_busy()
        inner.run(kill)
        session = "session-of-inner"
    else:
        claude.run("/lab/busy")
        claude.run(f"export CLAUDE_CODE_SESSION_ID=after-clear; {kill}")
        session = "after-clear"
    scene.service("prod", 1)
    scene.expect(
        agent="claude-code", confidence="proven", root=claude.fact, actor=scene.fact("actor"),
        says=[f'"session_id": "{session}"'], **same)
