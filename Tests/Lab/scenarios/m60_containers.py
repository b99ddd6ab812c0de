"""M60: what kills prod runs in a container that an agent's or a person's client of the engine started or entered."""

import containers

ROOT = "containers"
OPTIONS = "--network none --pid host -v /lab:/lab"
JOB = "/bin/sh /lab/job"
CASES = {  # whose act it is, and the act
    "M60-run": ("agent", f"docker run {OPTIONS} box {JOB}"),
    "M60-named": ("agent", f"docker create --name once {OPTIONS} box {JOB}; docker start once"),
    "M60-exec": ("agent", f"docker exec persons {JOB}"),
    "M60-podman": ("agent", f"podman run {OPTIONS} localhost/box {JOB}"),
    "M60-person": ("person", f"docker run {OPTIONS} box {JOB}"),
    "M60-person-exec": ("person", f"docker exec agents {JOB}"),
}


def stage(scene, _):
    scene.daemon("prod")
    containers.stage(scene)
    scene.script("wait", f". /lab/facts.sh; fact container $$ name=$1; exec sleep 1000")
    for kind in ("claude-code", "codex"):
        scene.install_agent(kind, "root")


def act(scene, case):
    who, command = case
    before = scene.service("prod")
    for words in ("docker import /lab/box.tar box", "podman import /lab/box.tar localhost/box"):
        scene.lab.inside(*words.split())
    claude = scene.login("console", "root").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    person = scene.login("desk", "root")
    codex.be_busy()
    # Both have a container that runs.
    person.type(f"docker run -d --name persons {OPTIONS} box /bin/sh /lab/wait persons")
    claude.run(f"docker run -d --name agents {OPTIONS} box /bin/sh /lab/wait agents")
    for name in ("persons", "agents"):
        scene.fact("container", name=name)
    scene.script("job", f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}\n")
    if who == "agent":
        claude.run(command)
        truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "exonerated": [codex.innocent]}
    else:
        person.type(command)
        truth = {
            "outcome": "operator", "agent": None, "root": person.first, "exonerated": [claude.innocent, codex.innocent]}
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, mechanism="signal", confidence=["proven", "likely"],
        actor=scene.actor(), main_pid_before=before, **truth)
