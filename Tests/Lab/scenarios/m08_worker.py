"""M08: the agent kills one of prod's workers; prod's main process sees that and gives up with code 1."""


def stage(scene):
    scene.daemon("prod", "--children 2")
    scene.install_agent("claude-code", "root")


def act(scene):
    before, worker = scene.service("prod"), scene.fact("child", name="prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f". /lab/facts.sh; fact actor $$; kill -9 {worker['pid']}; true")
    scene.service("prod", 1)
    # That prod gave up because of it is inferred.
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="signal",
        confidence=["proven", "likely", "possible"], agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before)
