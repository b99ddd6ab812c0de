"""M50: an agent that was started by `culprit agents run` kills prod, as root and as a user with a manager of its own."""

CASES = {"M50-root": "root", "M50-user": "dev"}


def stage(scene, user):
    scene.daemon("prod", user=None if user == "root" else user)
    scene.install_agent("claude-code", user)


def act(scene, user):
    before = scene.service("prod")
    person = scene.login("console", user)
    claude = person.agent("claude-code", prefix="culprit agents run --agent claude-code --session s-50 -- {}")
    claude.run(". /lab/facts.sh; fact cgroup $$ \"path=$(grep ^0:: /proc/self/cgroup)\"")
    path = scene.fact("cgroup")["path"]
    assert "/agents.slice/agent-claude-code-" in path and path.endswith(".scope"), f"it runs in {path}"
    # Where the kernel's controllers are not in the lab's hierarchy, a limit must be refused; else it must hold.
    claude.run(
        "culprit agents run --agent small --max-processes 77 -- "
        "sh -c 'grep -qx 77 /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/pids.max'; code=$?; . /lab/facts.sh; fact limit $$ code=$code")
    code = scene.fact("limit")["code"]
    assert str(code) in ("0", "99"), f"a limit that does not hold: exit {code}"
    claude.run(f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}; true")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user=None if user == "root" else user, kind="restarted", signal=9, outcome="agent",
        mechanism="signal", confidence="proven", agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before)
