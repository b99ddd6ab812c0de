"""M20: the agent's command comes to the manager through other programs, without its markers, from an orphan."""

CASES = {
    "M20-service": "/lab/as-actor /usr/sbin/service prod restart",
    "M20-bare": "(setsid env -i /bin/sh -c 'sleep 0.3; exec /lab/as-actor /usr/bin/systemctl restart prod' &)",
    "M20-xargs": "echo prod.service | xargs -n 1 timeout 20 /lab/as-actor systemctl restart",
}


def stage(scene, _command):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene, command):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(command)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
