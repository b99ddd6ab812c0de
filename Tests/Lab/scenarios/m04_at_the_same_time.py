"""M04: an agent restarts another unit while prod is restarted by a person, or crashes by itself."""

CASES = {"M04-person": True, "M04-crash": False}


def stage(scene, _is_person):
    scene.daemon("prod")
    scene.daemon("other")
    scene.install_agent("claude-code", "root")


def act(scene, is_person):
    prod, other = scene.service("prod"), scene.service("other")
    claude = scene.login("console", "root").agent("claude-code")
    person = scene.login("office", "op")
    if is_person:
        person.type("sudo /lab/as-actor systemctl restart prod.service")
    else:
        scene.cue("prod", "abort")
    claude.run(". /lab/facts.sh; fact claudes $$; exec systemctl restart other.service")
    scene.service("prod", 1)
    scene.service("other", 1)
    scene.expect(
        unit="other.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("claudes"), main_pid_before=other)
    if is_person:
        scene.expect(
            unit="prod.service", kind="restarted", outcome="operator", mechanism="manager-request", confidence="proven",
            agent=None, root=person.first, actor=scene.fact("actor"), main_pid_before=prod, exonerated=[claude.innocent])
    else:
        scene.expect(
            unit="prod.service", kind="restarted", signal=6, outcome="self", mechanism="crash", agent=None,
            confidence=["proven", "likely"], root=prod, main_pid_before=prod, exonerated=[claude.innocent])
