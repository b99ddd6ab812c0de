"""M53: the agent changes a drop-in of prod and has the manager read it; later a person restarts prod. Who wrote the file is
told, and the restart is the person's."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    person = scene.login("office", "root")
    claude.run(
        "mkdir -p /etc/systemd/system/prod.service.d && echo '[Service]' > /etc/systemd/system/prod.service.d/agent.conf"
        " && systemctl daemon-reload; . /lab/facts.sh; fact reloaded $$")
    scene.fact("reloaded")
    claude.be_busy()
    person.type("/lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="operator", mechanism="manager-request",
        confidence=["proven", "likely"], agent=None, root=person.first, actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[claude.innocent], says=["/etc/systemd/system/prod.service.d/agent.conf (nothing of memory)"])
