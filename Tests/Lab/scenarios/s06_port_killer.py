"""S06: the agent frees a port: `lsof -ti :8080 | xargs kill`."""


def stage(scene):
    scene.daemon("prod", "--port 8080", restart="always")
    scene.install_agent("codex", "root")


def act(scene):
    before = scene.service("prod")
    codex = scene.login("console", "root").agent("codex")
    codex.run("lsof -ti :8080 | xargs /lab/as-actor kill")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=15, outcome="agent", mechanism="signal", confidence="proven",
        agent="codex", root=codex.fact, actor=scene.fact("actor"), main_pid_before=before)
