"""Storms: nothing is lost at the rings' default sizes, and what is lost when the collector is stopped is counted."""

import contextlib
import json
import os
import signal
import time

import compare_processes
from recording import Incidents, Recording, key
from tally import Difference
from tools import find_process, wait_until

WORD = "word-of-the-storm"


def run_storm(tools, kind, count, workers):
    """Its pid and how many acts it did."""
    words = [tools.storm, kind, "--count", str(count), "--workers", str(workers)]
    if kind == "exec":
        words += ["--", "nothing", WORD]
    with tools.background(*words, stdout=-1) as process:
        output, _ = process.communicate(timeout=120)
    figures = json.loads(output)
    return process.pid, figures["count"]


def recorded(tools, kind, count, workers):
    out = tools.path(f"storm-{kind}.culprit")
    with tools.recorder(out):
        pid, done = run_storm(tools, kind, count, workers)
    return Recording.read(tools, out), pid, done


def short_lives(recording):
    """Executions of what the storm starts, not of the storm itself."""
    return [event for event in recording.by_type["exec"] if event["image"]["argv"] == ["nothing", WORD]]


def lives(recording, tree):
    """Forks, executions of the storm's program, and ends, of the processes of a tree."""
    forks = sum(1 for child in tree if recording.forks_of(child))
    return {
        "forks": forks,
        "execs": sum(1 for event in short_lives(recording) if key(event["process"]) in tree),
        "exits": sum(len(recording.of("exit", process)) for process in tree),
    }


def compare_lives(recording, pid, done, workers, execs):
    found = Difference()
    found.expect("storm", "events lost", 0, recording.all_lost())
    expected = {"forks": done + workers + 1, "execs": execs, "exits": done + workers + 1}
    for name, seen in lives(recording, recording.tree(pid)).items():
        found.expect("storm", name, expected[name], seen)
    compare_processes.compare_doubles(recording, found)
    return found


def flood(tools, tally):
    recording, pid, done = recorded(tools, "exec", 20000, 4)
    tally.check("storm: 20,000 executions, all recorded", compare_lives(recording, pid, done, 4, done))
    off_by_one = compare_lives(recording, pid, done + 1, 4, done)
    tally.fails_as_it_should("a storm of one more", off_by_one, compare_lives(recording, pid, done, 4, done))
    recording, pid, done = recorded(tools, "fork", 20000, 4)
    tally.check("storm: 20,000 forks, all recorded", compare_lives(recording, pid, done, 4, 0))
    recording, pid, done = recorded(tools, "thread", 20000, 4)
    tally.check("storm: 20,000 threads, none taken for a process", compare_lives(recording, pid, 0, 4, 0))


def compare_signals(recording, pid, done):
    tree = recording.tree(pid)
    sent = [event for event in recording.by_type["signal"] if key(event["process"]) in tree and event["signal"] == 15]
    found = Difference()
    found.expect("storm", "signals and losses", done, len(sent) + recording.lost("bpf:signal"))
    found.expect("storm", "events lost", 0, recording.all_lost())
    for event in sent:
        found.require(event["result"] == "ignored" and event["disposition"] == "ignored", f"a signal is {event['result']}")
    return found


def decisive(tools, tally):
    recording, pid, done = recorded(tools, "signal", 50000, 2)
    tally.check("storm: 50,000 signals, all recorded", compare_signals(recording, pid, done))
    out = tools.path("spilled.culprit")
    with tools.recorder(out) as recorder, stopped(recorder.pid, 0):
        # Twice what their own ring holds: the rest lies in the other one.
        pid, done = run_storm(tools, "signal", 20000, 2)
    found = compare_signals(Recording.read(tools, out), pid, done)
    tally.check("storm: 20,000 signals while the collector stands still, all recorded", found)
    recording, pid, done = recorded(tools, "bind", 50000, 4)
    tree = recording.tree(pid)
    bound = [event for event in recording.by_type["socket"] if key(event["process"]) in tree and event["step"] == "bound"]
    found = Difference()
    found.expect("storm", "addresses and losses", done, len(bound) + recording.lost("bpf:socket"))
    found.expect("storm", "events lost", 0, recording.all_lost())
    tally.check("storm: 50,000 addresses, all recorded", found)


@contextlib.contextmanager
def stopped(pid, seconds):
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def stalled(tools, tally):
    """Half a second without the collector, in the middle of an exec storm."""
    out = tools.path("stalled.culprit")
    words = [tools.storm, "exec", "--count", "20000", "--workers", "4", "--", "nothing", WORD]
    with tools.recorder(out) as recorder, tools.background(*words, stdout=-1) as process:
        time.sleep(0.3)
        with stopped(recorder.pid, 0.5):
            still_running = process.poll() is None
        output, _ = process.communicate(timeout=120)
    recording, done = Recording.read(tools, out), json.loads(output)["count"]
    if not still_running:
        tally.skip("storm: the collector stopped for 500 ms", "the storm was over before the stop was")
        return
    found = compare_lives(recording, process.pid, done, 4, done)
    tally.check("storm: the collector stopped for 500 ms, all recorded", found)


# In a pid namespace nobody else's processes are counted. $1 the directory, $2 culprit, $3 storm, $4 the storm's word.
OVERFLOW = """
"$2" record -o "$1/recording" --config "$1/../config.yaml" -- sh -c '
    bash -c "exec -a victim-of-the-gap sleep 1000" & victim=$!
    "$3" exec --count 100000000 --workers 4 --seconds 7 -- nothing "$4" >"$1/figures.new"
    mv "$1/figures.new" "$1/figures"
    while [ ! -e "$1/go" ]; do sleep 0.05; done
    mkdir "$1/bin" && cp /bin/bash "$1/bin/claude" && "$1/bin/claude" -c "kill -TERM $victim; :"
    wait
' sh "$@"
"""


def overflow(tools, tally):
    """Five seconds without the collector: more than the ring holds."""
    directory = tools.path("overflow")
    os.mkdir(directory)
    path = os.path.join(directory, "recording")
    words = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", OVERFLOW, "sh", directory]
    with tools.background(*words, tools.culprit, tools.storm, WORD, stderr=-3) as process:
        recorder = collector_of(path)
        wait_until("the storm", lambda: os.path.exists(f"{directory}/figures.new"))
        time.sleep(0.3)
        with stopped(recorder, 5):
            pass
        wait_until("the storm's end", lambda: os.path.exists(f"{directory}/figures") or process.poll() is not None)
        time.sleep(1)  # the collector catches up first: its own records of the kill must not be among the lost
        with open(f"{directory}/go", "w", encoding="utf-8"):
            pass
        process.wait(60)
    with open(f"{directory}/figures", encoding="utf-8") as file:
        done = json.load(file)["count"]
    recording = Recording.read(tools, path)
    if not recording.all_lost():
        tally.skip("storm: the collector stopped for 5 s", f"the rings held all of {done} executions")
        return
    tally.check("storm: the collector stopped for 5 s, the loss counted", compare_loss(recording, done))
    lost = ", ".join(f"{recording.lost(source)} of {source}" for source in ("bpf:fork", "bpf:exec", "bpf:exit"))
    tally.note(f"{done} executions; lost: {lost}")
    compare = compare_gap(Incidents.read(tools, path), recording)
    tally.check("storm: an incident in the gap is less sure, and says so", compare)
    text = tools.output("report", "--from", path)
    tally.check("storm: its report tells of the loss", mentions(text, ("lost", "bpf:fork")))


def collector_of(path):
    """The process that records to that file."""

    def look():
        pid = find_process(path)
        name = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        return pid if name == "culprit" else None

    return wait_until("the collector inside", look)


def compare_loss(recording, done):
    """Of each kind: recorded and lost together are what the storm did. Processes that are no part of it are all known."""
    found = Difference()
    others = known_others(recording)
    forks = sum(1 for event in recording.by_type["fork"] if key(event["child"]) not in others)
    execs = len(short_lives(recording))
    exits = sum(1 for event in recording.by_type["exit"] if key(event["process"]) not in others)
    found.expect("storm", "forks and losses", done, forks + recording.lost("bpf:fork"))
    found.expect("storm", "executions and losses", done, execs + recording.lost("bpf:exec"))
    found.expect("storm", "ends and losses", done, exits + recording.lost("bpf:exit"))
    return found


def known_others(recording):
    """Everything but the short lives: what was seen, and children of anybody but the storm's workers."""
    storm = [
        key(event["process"]) for event in recording.by_type["exec"]
        if {WORD, "--workers"} <= set(event["image"]["argv"]) and event["image"]["argv"][0] != "sh"
    ]
    workers = {key(event["child"]) for event in recording.by_type["fork"] if key(event["process"]) in storm}
    seen = {key(event["process"]) for event in recording.by_type["seen"]}
    return seen | {key(event["child"]) for event in recording.by_type["fork"] if key(event["process"]) not in workers}


def compare_gap(incidents, recording):
    found = Difference()
    found.expect("victim-of-the-gap", "number of incidents", 1, len(incidents.documents))
    for document in incidents.documents:
        verdict, completeness = document["verdict"], document["completeness"]
        found.expect("victim-of-the-gap", "outcome", "agent", verdict["outcome"])
        found.expect("victim-of-the-gap", "mechanism", "signal", verdict["mechanism"])
        found.expect("victim-of-the-gap", "confidence", "likely", verdict["confidence"])
        found.expect("victim-of-the-gap", "lost events", recording.all_lost(), completeness["lost_events"])
        stated = {gap["source"] for gap in completeness["gaps"]}
        found.require({"bpf:fork", "bpf:exec", "bpf:exit"} <= stated, f"gaps stated: {stated}")
        found.require("confidence.gap" in verdict["rules"], f"rules: {verdict['rules']}")
    return found


def mentions(text, words):
    found = Difference()
    for word in words:
        found.require(word in text, f"{word!r} is not in it")
    return found
