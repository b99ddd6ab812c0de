"""S27: the agent runs 20,000 short processes; then its bash kills prod's main process. Nothing may be lost."""

NEEDS = "daemon"
COUNT = 20000


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    claude.run(f"seq {COUNT} | xargs -P 4 -n 1 /bin/true; . /lab/facts.sh; fact storm $$; true")
    scene.fact_after(400, "storm")
    claude.run(f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}; true")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="agent", mechanism="signal", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[codex.innocent], lost=0)
