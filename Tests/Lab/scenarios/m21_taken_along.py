"""M21: prod is stopped since it requires what the agent stops, or is part of a target that the agent restarts."""

CASES = {
    "M21-requires": ("Requires=db.service\nAfter=db.service", "systemctl stop db.service", "stopped"),
    "M21-target": ("PartOf=app.target", "systemctl restart app.target", "restarted"),
    "M21-both": ("BindsTo=cache.service\nAfter=cache.service", "systemctl stop db.service", "stopped"),
}


def stage(scene, parameter):
    scene.daemon("db")
    scene.daemon("cache", unit="PartOf=db.service\nAfter=db.service")
    scene.daemon("prod", unit=parameter[0])
    scene.system_unit("app.target", "[Unit]\nWants=prod.service\n")
    scene.install_agent("codex", "root")


def act(scene, parameter):
    _, command, kind = parameter
    before = scene.service("prod")
    scene.service("cache")
    codex = scene.login("console", "root").agent("codex")
    codex.run(f"/lab/as-actor {command}")
    scene.wait_gone(before)
    if kind == "restarted":
        scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind=kind, outcome="agent", mechanism="dependency", confidence="proven", agent="codex",
        root=codex.fact, actor=scene.fact("actor"), main_pid_before=before)
    scene.allow_others("the units in between are stopped as well")
