"""M02: the agent asks the system's manager in other words than restart."""

CASES = {
    "M02-kill": ("systemctl kill --signal=KILL prod.service", "restarted"),
    "M02-kill-bus": (
        "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager KillUnit ssi "
        "prod.service all 9", "restarted"),
    "M02-try": ("systemctl try-restart prod.service", "restarted"),
    "M02-or-restart": ("systemctl reload-or-restart prod", "restarted"),
    "M02-disable": ("systemctl disable --now prod.service", "stopped"),
    "M02-no-block": ("systemctl --no-block stop prod.service", "stopped"),
    "M02-glob": ("systemctl restart 'pro*.service'", "restarted"),
}


def stage(scene, _parameter):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene, parameter):
    command, kind = parameter
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f"/lab/as-actor {command}")
    scene.wait_gone(before)
    if kind == "restarted":
        scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind=kind, outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
