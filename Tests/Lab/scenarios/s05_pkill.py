"""S05: the agent's `pkill -f worker` hits two units and a daemon that no unit names: one act, three incidents."""


def stage(scene):
    scene.daemon("worker-a", restart="always")
    scene.daemon("worker-b")
    scene.config('watch:\n  processes:\n    - { name: plain, argv: "*python3 /lab/service worker-plain*" }\n')
    scene.install_agent("claude-code", "root")


def act(scene):
    first, second = scene.service("worker-a"), scene.service("worker-b")
    scene.login("office", "op").type("setsid /lab/service worker-plain </dev/null >/dev/null 2>&1 &")
    plain = scene.service("worker-plain")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor pkill -f worker")
    scene.service("worker-a", 1)
    scene.wait_gone(second)
    scene.wait_gone(plain)
    same = {
        "signal": 15, "outcome": "agent", "mechanism": "signal", "confidence": "proven", "agent": "claude-code",
        "root": claude.fact, "actor": scene.fact("actor")}
    names = {"worker-a.service", "worker-b.service", "plain"}
    for name, kind, before in (("worker-a", "restarted", first), ("worker-b", "stopped", second)):
        unit = f"{name}.service"
        scene.expect(unit=unit, kind=kind, main_pid_before=before, related=sorted(names - {unit}), **same)
    scene.expect(process="plain", kind="killed", main_pid_before=plain, related=sorted(names - {"plain"}), **same)
