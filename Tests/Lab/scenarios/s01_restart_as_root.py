"""S01: the agent runs `systemctl restart prod` as root."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
