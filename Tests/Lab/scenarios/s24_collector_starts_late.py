"""S24: the collector starts after agent and prod; then the agent's bash kills prod's main process."""

CASES = {"S24-kill": False, "S24-session-gone": True}


def stage(scene, _is_orphan):
    scene.collector_waits()
    scene.daemon("prod", is_early=True)
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")
    scene.script("later", "#!/bin/sh\nuntil [ -e /lab/now ]; do sleep 0.1; done\nexec /lab/as-actor kill -9 $1\n")


def act(scene, is_orphan):
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    if is_orphan:
        claude.run(f"setsid nohup /lab/later {before['pid']} >/dev/null 2>&1 & disown; /lab/facts.sh; true")
        claude.run(". /lab/facts.sh; fact started $$; true")
        scene.fact("started")
        claude.quit()
        scene.wait_gone(claude.fact)
    scene.start_collector()
    codex.be_busy()
    if is_orphan:
        scene.script("now", "")
        scene.service("prod", 1)
        # Who made it is gone, and its edges with it: what is left is what it was given by its agent.
        scene.expect(
            unit="prod.service", kind="restarted", signal=9, outcome=["agent", "unknown"], mechanism="signal",
            confidence=["likely", "possible", "none"], agent=["claude-code", None], root=scene.fact("actor"),
            actor=scene.fact("actor"), main_pid_before=before)
        return
    claude.run(f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}; true")
    scene.service("prod", 1)
    # The edge from the agent to its tool was seen, that from the person's shell to the agent was not.
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="agent", mechanism="signal",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before, exonerated=[codex.innocent], says=["session-of-claude-code"])
