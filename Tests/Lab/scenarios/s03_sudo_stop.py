"""S03: the agent, which is not root, runs `sudo systemctl stop prod`."""


def stage(scene):
    scene.daemon("prod", restart="always")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.run("sudo /lab/as-actor systemctl stop prod.service")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", kind="stopped", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
