"""M09: signals by other hands and ways: root's agent to a user's service, a person, the cgroup's kill switch."""

CASES = {
    "M09-user-service": ("agent", "kill -9 {pid}", "dev"),
    "M09-person": ("person", "sudo kill -9 {pid}", None),
    "M09-cgroup": ("agent", "echo 1 >/sys/fs/cgroup/system.slice/prod.service/cgroup.kill", None),
    "M09-group": ("agent", "kill -9 -{pid}", None),
    "M09-python": ("agent", "python3 -c 'import os; os.kill({pid}, 9)'", None),
}


def stage(scene, parameter):
    scene.daemon("prod", user=parameter[2])
    scene.install_agent("claude-code", "root")


def act(scene, parameter):
    who, command, user = parameter
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    command = command.format(pid=before["pid"])
    if who == "agent":
        # By a shell's own kill, or by what the shell becomes.
        become = "exec " if command.startswith("python3") else ""
        claude.run(f". /lab/facts.sh; fact actor $$; {become}{command}; true")
        truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "actor": scene.fact("actor")}
    else:
        person = scene.login("office", "op")
        person.type(command.replace("sudo ", "sudo /lab/as-actor "))
        truth = {"outcome": "operator", "agent": None, "root": person.first, "exonerated": [claude.innocent]}
        truth["actor"] = scene.fact("actor")
    scene.service("prod", 1)
    sure = ["proven", "likely"] if "cgroup" in command else "proven"
    scene.expect(
        unit="prod.service", user=user, kind="restarted", signal=9, mechanism="signal", confidence=sure,
        main_pid_before=before, **truth)
