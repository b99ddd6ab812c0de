"""M01: an agent without rights asks for a restart and is refused, again and again, while a person restarts prod."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "dev")
    scene.script("try", "#!/bin/bash\n. /lab/facts.sh\nwhile :; do systemctl restart prod.service; fact refused $$; sleep 0.1; done\n")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.run("/lab/try")
    scene.fact("refused", 2)
    person = scene.login("office", "op")
    person.type("sudo /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="operator", mechanism="manager-request",
        confidence=["proven", "likely"], agent=None, root=person.first, actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[claude.innocent])
