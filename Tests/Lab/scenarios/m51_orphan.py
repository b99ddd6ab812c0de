"""M51: a session is over; a process that it left kills prod. The incident says that it was over, and what else it left."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.script("later", "#!/bin/sh\nsleep 4\nkill -9 $1\n")


def act(scene):
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    claude.run("setsid nohup sleep 300 >/dev/null 2>&1 & disown")
    claude.run(f"setsid nohup /lab/as-actor /lab/later {before['pid']} >/dev/null 2>&1 & disown")
    actor = scene.actor()
    claude.quit()
    scene.wait_gone(claude.fact)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="agent", mechanism="signal", confidence="proven",
        agent="claude-code", root=claude.fact, actor=actor, main_pid_before=before,
        says=["Its session session-of-claude-code had ended", "1 more process of it was left running", "session-end", "leftover"])
