"""M23: the agent's signal asks prod to end: it takes its time and leaves with 0, or ends by it as if that were clean."""

CASES = {
    "M23-slow": ("--slow-stop 1", "kill {pid}", {"kind": "stopped", "exit_code": 0}),
    "M23-hup": ("", "kill -HUP {pid}", {"kind": "stopped", "signal": 1}),
    "M23-fuser": ("--port 8080", "fuser -k -TERM 8080/tcp", {"kind": "stopped", "signal": 15}),
}


def stage(scene, parameter):
    scene.daemon("prod", parameter[0])
    scene.install_agent("claude-code", "root")


def act(scene, parameter):
    _, command, ending = parameter
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    command = command.format(pid=before["pid"])
    if command.startswith("fuser"):
        claude.run(f"/lab/as-actor {command}")
    else:
        claude.run(f". /lab/facts.sh; fact actor $$; {command}; true")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", outcome="agent", mechanism="signal", confidence=["proven", "likely"], agent="claude-code",
        root=claude.fact, actor=scene.fact("actor"), main_pid_before=before, **ending)
