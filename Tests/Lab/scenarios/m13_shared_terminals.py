"""M13: a person and an agent share a terminal multiplexer; it is the person who kills prod from another window."""


def stage(scene):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    person = scene.login("console", "root")
    person.type("tmux new-session -d -s work")
    claude = person.agent("claude-code", prefix="tmux send-keys -t work.0 '{}' Enter")
    claude.be_busy()
    person.type("tmux new-window -t work")
    person.type(f"tmux send-keys -t work '. /lab/facts.sh; fact actor $$; kill -9 {before['pid']}' Enter")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, outcome="operator", mechanism="signal",
        confidence=["proven", "likely"], agent=None, root=person.first, actor=scene.fact("actor"),
        main_pid_before=before, exonerated=[claude.innocent])
