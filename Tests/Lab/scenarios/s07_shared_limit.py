"""S07: services and agents share a memory limit, and the kernel ends one of them: victim, trigger and hog in all roles."""

from kernel_log import Askers

SUITE = """\
#!/bin/bash
for _ in {1..40}; do
    setsid /lab/hold suite 4 &
done
wait
"""

IN_MEMORY = "/lab/in-memory "


def stage(scene, case):
    _, _, adjustment, limit = case
    scene.limit_memory(limit)
    scene.daemon("prod", prefix=IN_MEMORY, service=f"OOMScoreAdjust={adjustment}")
    scene.daemon("web", prefix=IN_MEMORY)
    scene.script("suite", SUITE)
    for kind in ("claude-code", "codex"):
        scene.install_agent(kind, "root")


def act(scene, case):
    before, web = scene.service("prod"), scene.service("web")
    claude = scene.login("console", "root").agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    play, word = case[:2]
    play(scene, word, before, web, claude, codex)


def hold(scene, name, word):
    scene.cue(name, word)
    scene.fact("followed", name=name)


def press(scene, agent, *daemons, prefix=""):
    """Takes what is left. Whoever asks for a page once the limit is full triggers: the process that presses, mostly, or
    a daemon that just looks for its cue; the kernel's log knows which."""
    askers = Askers(scene.lab, *daemons)
    agent.run(f"{prefix}/lab/in-memory /lab/hold last 1 press")
    last = scene.fact("holder", name="last")
    askers.add(last)
    return last, askers


def killed(scene, before, askers=None, **truth):
    scene.service("prod", 1)
    if askers:
        truth["trigger"] = askers.of_the_kill(before)
    scene.expect(
        unit="prod.service", kind="restarted", signal=9, main_pid_before=before, mechanism="oom-kill", victim=before, **truth)


def agent_is_the_hog(scene, word, before, web, claude, codex):
    hold(scene, "prod", word)
    claude.run("/lab/in-memory /lab/suite")
    scene.fact("holder", 39, name="suite")
    _, askers = press(scene, claude, before, web)
    killed(
        scene, before, outcome="agent", confidence="proven", agent="claude-code", root=claude.fact,
        actor=scene.facts("holder"), askers=askers, hog=claude.fact, exonerated=[codex.innocent],
        says=["OOM killer chose", "would have been in use"])


def agent_is_the_trigger(scene, word, before, web, claude, codex):
    hold(scene, "prod", word)
    _, askers = press(scene, claude, before, web)
    killed(
        scene, before, outcome="self", confidence="proven", actor=before, askers=askers, hog=before,
        exonerated=[claude.innocent, codex.innocent], says=["that does not say that it held the memory"])


def agent_is_the_victim(scene, word, _before, _web, claude, _codex):
    """Prod holds the most, and lives: nothing of it was disrupted."""
    hold(scene, "prod", word)
    last, _ = press(scene, claude, prefix="echo 1000 >/proc/self/oom_score_adj; ")
    scene.wait_gone(last)
    assert scene.oom_kills() == 1


def another_is_the_hog(scene, word, before, web, claude, codex):
    hold(scene, "web", "hold:350")
    hold(scene, "prod", word)
    _, askers = press(scene, claude, before, web)
    killed(
        scene, before, outcome="system", confidence="proven", root=web, actor=web, askers=askers, hog=web,
        exonerated=[claude.innocent, codex.innocent])


def nobody_is_the_hog(scene, word, before, web, claude, _codex):
    """An agent and another service hold as much each."""
    hold(scene, "web", "hold:190")
    claude.run("/lab/in-memory /lab/hold half 190")
    # Any of them may be the one that asks for a page: a full group gives up what the others need again.
    askers = Askers(scene.lab, before, web, scene.fact("holder", name="half"))
    scene.cue("prod", word)
    killed(scene, before, outcome="unknown", confidence="none", askers=askers)


# How it goes, what prod holds in MiB (`leak`: until it is ended), what its score is raised by, and the limit.
CASES = {
    "S07-agent": (agent_is_the_hog, "hold:24", 500, 640),
    "S07-trigger": (agent_is_the_trigger, "hold:200", 0, 256),
    "S07-victim": (agent_is_the_victim, "hold:180", 0, 256),
    "S07-other": (another_is_the_hog, "hold:24", 900, 512),
    "S07-even": (nobody_is_the_hog, "leak", 500, 512),
}
