"""M54: a person and an agent at one terminal multiplexer: a window that the agent asks for, keys that it sends, and the
person's own window while it only looks."""

CASES = {
    "M54-window": ("claude", "tmux new-window -d -t work 'sh /lab/act; sleep 5'"),
    "M54-split": ("claude", "tmux split-window -d -t work 'sh /lab/act; sleep 5'"),
    "M54-keys": ("nobody", "tmux send-keys -t work.0 'sh /lab/act' Enter"),
    "M54-shell": ("claude", "tmux new-window -d -n hers -t work; tmux send-keys -t work:hers 'sh /lab/act' Enter"),
    "M54-looks": ("person", "tmux list-panes -a; tmux capture-pane -p -t work.0"),
    "M54-screen": ("nobody", "screen -S work -X stuff 'sh /lab/act^M'"),
}


def stage(scene, _):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")


def act(scene, parameter):
    who, line = parameter
    before = scene.service("prod")
    scene.script("act", f"/lab/as-actor kill -9 {before['pid']}\n")
    person = scene.login("console", "root")
    person.type("screen -dmS work" if "screen" in line else "tmux new-session -d -s work")
    claude = scene.login("office", "root").agent("claude-code")
    codex = scene.login("attic", "root").agent("codex")
    codex.be_busy()
    claude.run(line)
    if who == "person":
        claude.be_busy()
        person.type("tmux new-window -d -t work 'sh /lab/act; sleep 5'")
    scene.service("prod", 1)
    truth = {
        "claude": {
            "outcome": "agent", "agent": "claude-code", "root": claude.fact, "confidence": ["likely"],
            "exonerated": [codex.innocent]},
        # Keys are not recorded: it may have been the person's.
        "nobody": {"outcome": "unknown", "agent": None, "confidence": ["none"]},
        "person": {
            "outcome": "operator", "agent": None, "root": person.first, "confidence": ["proven", "likely"],
            "exonerated": [claude.innocent, codex.innocent]},
    }[who]
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, mechanism="signal", actor=scene.fact("actor"),
        main_pid_before=before, **truth)
