"""S02: the agent runs `systemctl --user restart prod`."""


def stage(scene):
    scene.daemon("prod", user="dev")
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.run("/lab/as-actor systemctl --user restart prod")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence="proven", agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
