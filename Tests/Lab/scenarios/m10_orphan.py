"""M10: an orphan of an agent restarts prod some seconds after the agent and its session are gone. Another agent lives."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")
    scene.script("later", "#!/bin/sh\nsleep 4\nexec /lab/as-actor systemctl restart prod.service\n")


def act(scene):
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    claude.run("setsid nohup /lab/later >/dev/null 2>&1 & disown")
    claude.quit()
    person.type("exit")
    scene.wait_gone(person.shell)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[codex.innocent])
