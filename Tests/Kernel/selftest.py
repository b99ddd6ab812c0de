"""Tests of the tests: each kind of fact is corrupted once, and the comparison must notice."""

import base64
import copy

import compare_oom
import compare_processes
import compare_signals
import compare_sockets
from recording import Recording, key
from truth import Truth


def corrupted(truth, kind, change, wanted=lambda fact: True):
    """The truth with one fact of that kind changed, and the same unchanged, each with no other fact of that kind; None
    where there is no such fact."""
    for fact in truth.of(kind):
        if not wanted(fact):
            continue
        changed = copy.deepcopy(fact)
        change(changed)
        others = [other for other in truth.facts if other["kind"] not in (kind, "fork", "exec", "exit", "disruption", "oom")]
        return Truth([*others, changed]), Truth([*others, fact])
    return None


def setting(field, value):
    """A change of one field, by a function of what it was."""

    def change(fact):
        fact[field] = value(fact[field])

    return change


def is_whole(fact):
    return fact["told_by"] == "self" and fact["argv_total"] < 1024


def other_argv(text):
    return base64.b64encode(bytes([base64.b64decode(text)[0] ^ 1]) + base64.b64decode(text)[1:]).decode()


PROCESS_CHANGES = [
    ("fork", "creator", lambda pid: pid + 1, lambda fact: True),
    ("fork", "ppid", lambda pid: pid + 1, lambda fact: True),
    ("fork", "inner_pid", lambda pid: pid + 1, lambda fact: True),
    ("fork", "start_ticks", lambda ticks: ticks + 1000, lambda fact: True),
    ("exec", "path", lambda path: path + "x", is_whole),
    ("exec", "exe", lambda exe: exe + "x", is_whole),
    ("exec", "argv_base64", other_argv, is_whole),
    ("exec", "argv_base64", other_argv, lambda fact: 4096 < fact["argv_total"]),
    ("exec", "argv_tail_base64", lambda text: base64.b64encode(b"y" * 4096).decode(), lambda f: "argv_tail_base64" in f),
    ("exec", "argv_total", lambda total: total + 1, is_whole),
    ("exec", "uid", lambda uid: uid + 1, is_whole),
    ("exec", "ppid", lambda pid: pid + 1, is_whole),
    ("exec", "inner_pid", lambda pid: pid + 1, is_whole),
    ("exec", "old_tid", lambda pid: pid + 1, is_whole),
    ("exec", "markers", lambda markers: [{"offset": 0, "text": "CLAUDECODE=2"}], lambda fact: fact["markers"]),
    ("exec", "environment_total", lambda total: total + 100_000, is_whole),
    ("exit", "code", lambda code: code ^ 1, lambda fact: fact["code"] is not None),
    ("exit", "signal", lambda signal: signal + 1, lambda fact: fact["signal"] is not None),
    ("exit", "core", lambda core: not core, lambda fact: True),
]


def processes(tally, truth, recording):
    compare = compare_processes.compare
    # Whatever else went on here is only in the way.
    recording = recording.part(recording.tree(truth.begin["pid"]))
    changes = [(kind, field, setting(field, value), wanted) for kind, field, value, wanted in PROCESS_CHANGES]
    born = truth.of("fork")[0]["pid"]
    changes.append(("absent", "pid", setting("pid", lambda pid: born), lambda fact: fact["of"] == "fork"))
    for kind, field, change, wanted in changes:
        pair = corrupted(truth, kind, change, wanted)
        if pair is None:
            tally.skip(f"self-test: {field} of {kind}", "there is no such fact")
        else:
            tally.fails_as_it_should(f"{field} of {kind}", *(compare(one, recording) for one in pair))
    right = compare(truth, recording)
    for kind in ("fork", "exec", "exit"):
        ours = {(fact["pid"], fact["start_ticks"]) for fact in truth.of(kind)}
        index = index_of(recording, kind, ours)
        events = recording.events
        doubled = Recording(events[: index + 1] + events[index:])
        tally.fails_as_it_should(f"a doubled {kind}", compare(truth, doubled), right)
        missing = Recording(events[:index] + events[index + 1 :])
        tally.fails_as_it_should(f"a missing {kind}", compare(truth, missing), right)


def index_of(recording, kind, processes_of_truth):
    return next(
        index
        for index, event in enumerate(recording.events)
        if event["type"] == kind and key(event["child" if kind == "fork" else "process"]) in processes_of_truth
    )


def signals(tally, truth, incidents):
    def fails(text, change, wanted=lambda fact: True):
        pair = corrupted(truth, "disruption", change, wanted)
        tally.fails_as_it_should(text, *(compare_signals.compare(one, incidents, ("agent",)) for one in pair))

    def by_somebody(fact):
        return fact["actor"] is not None

    fails("another actor", setting("actor", lambda pid: pid + 1), by_somebody)
    fails("an actor of another time", setting("actor_start_ticks", lambda ticks: ticks + 100), by_somebody)
    fails("no actor", setting("actor", lambda pid: None), by_somebody)
    fails("another victim", setting("victim", lambda pid: pid + 1))
    fails("another mechanism", setting("mechanism", lambda mechanism: "exit"), by_somebody)
    fails("another signal", setting("ended_signal", lambda signal: signal + 1), by_somebody)
    fails("another exit code", setting("ended_code", lambda code: code + 1), lambda fact: fact["ended_code"] is not None)
    fails("a core dump", setting("ended_core", lambda core: not core))

    def blame(fact):
        fact["innocent"] = [fact["actor"]]

    fails("an innocent actor", blame, by_somebody)
    right = compare_signals.compare(truth, incidents, ("agent",))
    tally.fails_as_it_should("another outcome", compare_signals.compare(truth, incidents, ("operator",)), right)


def oom(tally, truth, recording, incidents):
    changes = [(field, lambda pid: pid + 1) for field in ("victim", "trigger", "hog")] + [("limit", lambda limit: 1 << 20)]
    for field, value in changes:
        pair = corrupted(truth, "oom", setting(field, value))
        tally.fails_as_it_should(f"another {field}", *(compare_oom.compare(one, recording, incidents) for one in pair))


def sockets(tally, truth, recording):
    def fails(text, kind, field, value, wanted):
        facts = copy.deepcopy(truth.facts)
        fact = next(fact for fact in facts if fact["kind"] == kind and wanted(fact))
        fact[field] = value(fact[field])
        wrong = compare_sockets.compare(Truth(facts), recording)
        tally.fails_as_it_should(text, wrong, compare_sockets.compare(truth, recording))

    def is_done(fact):
        return fact["result"] == "done" and fact["port"]

    for kind in ("bind", "listen", "unlisten"):
        fails(f"port of {kind}", kind, "port", lambda port: port ^ 1, is_done)
    fails("address of bind", "bind", "address", lambda address: "9.9.9.9", is_done)
    fails("uid of bind", "bind", "uid", lambda uid: uid + 1, is_done)
    fails("namespace of bind", "bind", "network_namespace", lambda inode: inode + 1, is_done)
    fails("a refused port", "bind", "requested_port", lambda port: port ^ 1, lambda fact: fact["errno"] == "EADDRINUSE")
