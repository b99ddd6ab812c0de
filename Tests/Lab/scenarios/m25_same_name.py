"""M25: two units of one name: the agent stops the user's, and the system's crashes by itself at that time."""


def stage(scene):
    scene.daemon("prod")
    scene.user_unit("prod.service", USERS, "dev")
    scene.install_agent("claude-code", "dev")


USERS = """\
[Service]
Type=notify
ExecStart=/lab/service users-prod
"""


def act(scene):
    systems, users = scene.service("prod"), scene.service("users-prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.run("/lab/as-actor systemctl --user stop prod.service")
    scene.cue("prod", "abort")
    scene.wait_gone(users)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", user="dev", kind="stopped", outcome="agent", mechanism="manager-request",
        confidence="proven", agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=users)
    scene.expect(
        unit="prod.service", kind="restarted", signal=6, outcome="self", mechanism="crash", agent=None,
        confidence=["proven", "likely"], root=systems, main_pid_before=systems, exonerated=[claude.innocent])
