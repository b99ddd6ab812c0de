"""M52: a job of `at` kills prod by the shell alone, so that nothing that it starts has markers: left by an agent, by a person."""

CASES = {"M52-agent": True, "M52-person": False}


def stage(scene, _):
    scene.daemon("prod")
    scene.job_daemon()
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")


def act(scene, by_agent):
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    scene.script("job", f". /lab/facts.sh; fact actor $$; kill -9 {before['pid']}\n")
    if by_agent:
        claude.run("at -f /lab/job now")
        truth = {"outcome": "agent", "agent": "claude-code", "root": claude.fact, "exonerated": [codex.innocent]}
    else:
        user = scene.login("desk", "root")
        user.type("at -f /lab/job now")
        truth = {
            "outcome": "operator", "agent": None, "root": user.first, "exonerated": [claude.innocent, codex.innocent]}
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, mechanism="signal", confidence="likely",
        actor=scene.actor(), main_pid_before=before, **truth)
