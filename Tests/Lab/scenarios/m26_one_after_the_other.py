"""M26: prod is restarted by an agent, and some seconds later by a person; in between the manager executes itself anew."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    first = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/as-actor systemctl restart prod.service")
    second = scene.service("prod", 1)
    scene.let_run(4)
    person = scene.login("office", "op")
    person.type("sudo systemctl daemon-reexec")
    scene.let_run(1)
    person.type("sudo /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 2)
    same = {"unit": "prod.service", "kind": "restarted", "mechanism": "manager-request"}
    scene.expect(
        outcome="agent", confidence="proven", agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=first, **same)
    scene.expect(
        outcome="operator", confidence=["proven", "likely"], agent=None, root=person.first, actor=scene.fact("actor", 1),
        main_pid_before=second, exonerated=[claude.innocent], **same)
