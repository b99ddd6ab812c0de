"""S23: the agent has a manager start what restarts prod: systemd-run (service, scope, timer, the user's), at, tmux."""

RESTART = "/lab/as-actor systemctl restart prod.service"

CASES = {
    "S23-service": f"systemd-run {RESTART}",
    "S23-scope": f"systemd-run --scope {RESTART}",
    "S23-timer": f"systemd-run --on-active=2s --timer-property=AccuracySec=50ms {RESTART}",
    "S23-named": f"systemd-run --unit=nightly-backup --on-active=2s --timer-property=AccuracySec=50ms {RESTART}",
    "S23-user": f"systemd-run --user sudo {RESTART}",
    "S23-at": f"echo {RESTART} | at now",
    "S23-batch": f"echo {RESTART} | batch",
    "S23-tmux": f"tmux new-session -d -s work '{RESTART}; sleep 5'",
}


def stage(scene, command):
    scene.daemon("prod")
    if command.endswith(("at now", "batch")):
        scene.job_daemon()
    scene.install_agent("claude-code", "dev" if "--user" in command else "root")
    scene.install_agent("codex", "root")


def act(scene, command):
    before = scene.service("prod")
    user = "dev" if "--user" in command else "root"
    claude = scene.login("console", user).agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    claude.run(command)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before, exonerated=[codex.innocent])
