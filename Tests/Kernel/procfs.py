"""The tier without kernel programs, as root: what it promises, and that it never accuses.

Compared: everything that lives a second or longer (present once, parent, argv, end); of the rest whatever is recorded is
right. Not promised: the edge of a CLONE_PARENT child, whose parent is told as its creator; the status of a process whose
threads end one by one, of which the leader's is told; and argv of short lives.
"""

import os
import signal
import time

import compare_signals
from recording import Incidents, Recording
from tally import Difference
from tools import find_process, wait_until
from truth import Truth, key as fact_key

OTHER_EDGE = ("clone-parent",)
OTHER_STATUS = ("no-exit-group",)


def tier(tools, tally):
    out = tools.path("procfs.culprit")
    family, word = [], os.getpid()
    with tools.recorder(out, "--source", "procfs"):
        script = " ".join(f"sleep 20{number}.{word} &" for number in range(8)) + " wait"
        with tools.background("sh", "-c", script) as shell:
            family = [find_process(f"20{number}.{word}") for number in range(8)]
            tools.stage("processes", tools.path("procfs.truth"), "--count", "400")
            tools.stage("signals", tools.path("procfs-signals.truth"))
            time.sleep(1)
            for pid in family:
                os.kill(pid, signal.SIGKILL)
            shell.wait(60)
        wait_until("the ends", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in family))
        time.sleep(1)
    recording, incidents = Recording.read(tools, out), Incidents.read(tools, out)
    tally.check("procfs tier: what lives a second is there", compare_long_lives(recording, shell.pid, family, word))
    truth = Truth.read(tools.path("procfs.truth"))
    found, present = compare_short_lives(truth, recording)
    tally.check("procfs tier: what is recorded of short lives is right", found)
    tally.note(f"{present} of {len(truth.of('fork'))} creations were recorded")
    truth = Truth.read(tools.path("procfs-signals.truth"))
    tally.check("procfs tier: nobody is accused", compare_accusations(truth, incidents))


def compare_long_lives(recording, parent, pids, word):
    found = Difference()
    for number, pid in enumerate(pids):
        births = [event for child, events in recording.forks.items() if child[0] == pid for event in events]
        births += [event for event in recording.by_type["seen"] if event["process"]["pid"] == pid]
        subject = f"pid {pid}"
        found.require(bool(births), f"{subject} is not there")
        for event in births:
            creator = event["process"]["pid"] if event["type"] == "fork" else event["parent"]["pid"]
            found.expect(subject, "parent", parent, creator)
        images = [event["image"]["argv"] for kind in ("exec", "seen") for event in recording.by_type[kind]
                  if event["process"]["pid"] == pid and event.get("image")]
        found.require(["sleep", f"20{number}.{word}"] in images, f"{subject}: argv is {images}")
        ends = [event for event in recording.by_type["exit"] if event["process"]["pid"] == pid]
        found.expect(subject, "number of ends", 1, len(ends))
        for end in ends:
            found.require(end["signal"] in (signal.SIGKILL, None), f"{subject}: ended by {end['signal']}")
    return found


def compare_short_lives(truth, recording):
    found, present = Difference(), 0
    for fact in truth.of("fork"):
        events = recording.forks_of(fact_key(fact))
        present += bool(events)
        found.require(len(events) <= 1, f"{fact['case']} (pid {fact['pid']}): {len(events)} fork events")
        for event in events:
            if fact["case"] not in OTHER_EDGE and event["process"] is not None:
                found.expect(f"fork of {fact['case']}", "creator", fact["creator"], event["process"]["pid"])
    for fact in truth.of("exit"):
        events = recording.of("exit", fact_key(fact))
        found.require(len(events) <= 1, f"{fact['case']} (pid {fact['pid']}): {len(events)} exit events")
        for event in events:
            if event["status_known"] and fact["case"] not in OTHER_STATUS:
                found.expect(f"exit of {fact['case']}", "code", fact["code"], event["code"])
                found.expect(f"exit of {fact['case']}", "signal", fact["signal"], event["signal"])
    return found, present


def compare_accusations(truth, incidents):
    found = compare_signals.compare_innocent(truth, incidents)
    for document in incidents.documents:
        found.expect(document["id"], "outcome", "unknown", document["verdict"]["outcome"])
        found.expect(document["id"], "culprit", None, document["verdict"]["culprit"])
    found.require(bool(incidents.documents), "there is no incident at all")
    return found
