"""S04: the agent's bash kills prod's main process."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}; true")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="agent", mechanism="signal", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
