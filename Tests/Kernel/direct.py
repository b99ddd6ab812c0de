"""Processes, signals, OOM kills and sockets, staged while the kernel programs record them."""

import os
import shutil
import threading

import compare_oom
import compare_processes
import compare_signals
import compare_sockets
import selftest
from recording import Incidents, Recording
from tally import Difference
from tools import read
from truth import Truth

NOT_AGENT = ("operator", "system", "unknown")


def ancestors():
    """Pids above this test: whoever runs it may be in an agent's tree itself."""
    found, pid = [], os.getpid()
    while pid > 1:
        found.append(pid)
        pid = int(read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1])
    return found


def report_skips(tally, truth):
    for fact in truth.skipped:
        tally.skip(f"ground-truth {fact.get('case')}", fact["why"])


def processes(tools, tally):
    out, facts = tools.path("processes.culprit"), tools.path("processes.truth")
    with tools.recorder(out):
        tools.stage("processes", facts, "--count", "400")
    truth, recording = Truth.read(facts), Recording.read(tools, out)
    found = compare_processes.compare(truth, recording)
    found.require(recording.all_lost() == 0, f"{recording.all_lost()} events lost")
    tally.check("processes: every fork, exec, exit and absence", found)
    tally.note(", ".join(f"{len(truth.of(kind))} {kind}" for kind in ("fork", "exec", "exit", "absent")))
    report_skips(tally, truth)
    selftest.processes(tally, truth, recording)


def signals(tools, tally):
    """Three at once under one recorder: nobody's, a marked agent's, and that of a shell that is called as an agent."""
    out = tools.path("signals.culprit")
    shell = tools.path("bin/claude")
    os.mkdir(tools.path("bin"))
    shutil.copy("/bin/sh", shell)
    # The shell has to stay: what it executed in its place would no longer be called claude.
    called = (shell, "-c", '"$@"; exit $?', "claude")
    runs = {"plain": {}, "marked": {"environment": {"CLAUDECODE": "1"}}, "called": {"prefix": called}}
    with tools.recorder(out):
        threads = [
            threading.Thread(target=tools.stage, args=("signals", tools.path(f"{name}.truth")), kwargs=options)
            for name, options in runs.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    incidents = Incidents.read(tools, out)
    for name in runs:
        truth = Truth.read(tools.path(f"{name}.truth"))
        found = compare_signals.compare(truth, incidents, NOT_AGENT if name == "plain" else ("agent",))
        if name == "plain":
            found = without_own_agent(found, truth, incidents)
        else:
            check_agent(truth, incidents, found)
        tally.check(f"signals: actor, mechanism and ending, {name} tree", found)
        report_skips(tally, truth)
        if name == "marked":
            selftest.signals(tally, truth, incidents)


def without_own_agent(found, truth, incidents):
    """Where the test itself runs in an agent's tree, that agent is a right answer, too."""
    roots = [document["verdict"]["culprit"] for document in incidents.documents if document["verdict"]["outcome"] == "agent"]
    if any(culprit["root"]["pid"] in ancestors() for culprit in roots):
        return compare_signals.compare(truth, incidents, (*NOT_AGENT, "agent"))
    return found


def check_agent(truth, incidents, found):
    for fact in truth.of("disruption"):
        for document in incidents.of((fact["victim"], fact["victim_start_ticks"])):
            verdict = document["verdict"]
            if verdict["outcome"] == "agent":
                found.expect(fact["case"], "agent", "claude-code", verdict["culprit"]["agent"]["name"])
                chain = [process["id"] for process in verdict["culprit"]["chain"]]
                found.expect(fact["case"], "chain's end", verdict["culprit"]["actor"]["id"], chain[-1])
                found.expect(fact["case"], "chain's root", verdict["culprit"]["root"]["id"], chain[0])
            elif verdict["outcome"] == "self":
                names = [item["agent"]["name"] for item in verdict["exonerated"]]
                found.require("claude-code" in names, f"{fact['case']}: the agent is not exonerated: {names}")


def oom(tools, tally):
    out, facts = tools.path("oom.culprit"), tools.path("oom.truth")
    with tools.recorder(out):
        code = tools.stage("oom", facts)
    truth = Truth.read(facts)
    report_skips(tally, truth)
    if code == 77:
        return
    recording, incidents = Recording.read(tools, out), Incidents.read(tools, out)
    tally.check("oom: victim, trigger, hog and sizes", compare_oom.compare(truth, recording, incidents))
    selftest.oom(tally, truth, recording, incidents)


def sockets(tools, tally):
    out, facts = tools.path("sockets.culprit"), tools.path("sockets.truth")
    with tools.recorder(out):
        tools.stage("sockets", facts)
    truth, recording = Truth.read(facts), Recording.read(tools, out)
    tally.check("sockets: asked for, bound, listening, closed", compare_sockets.compare(truth, recording))
    tally.check("sockets: who :PORT names holder and refused", compare_sockets.compare_refusals(truth, tools, out))
    report_skips(tally, truth)
    selftest.sockets(tally, truth, recording)


def no_loss(recording, found=None):
    found = Difference() if found is None else found
    found.expect("recording", "events lost", 0, recording.all_lost())
    return found
