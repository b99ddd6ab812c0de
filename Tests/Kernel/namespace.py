"""The collector inside a pid namespace, while a storm runs outside of it: its own pids, and nobody else's processes."""

import os
import signal

import compare_processes
import compare_signals
import compare_sockets
from direct import NOT_AGENT, no_loss, report_skips
from recording import Incidents, Recording, key
from tally import Difference
from tools import find_process, wait_until
from truth import Truth

# $1 the directory of this run, $2 culprit, $3 ground-truth, $4 a word that names this run.
INSIDE = """
"$2" record -o "$1/recording" --config "$1/../config.yaml" -- sh -c '
    bash -c "exec -a victim-from-outside sleep 100.$4" &
    "$3" processes --count 400 --out "$1/processes" && "$3" sockets --out "$1/sockets" &&
    "$3" signals --out "$1/signals" || exit 1
    touch "$1/done"
    wait
' sh "$@"
"""


def plain(tools, tally):
    inside(tools, tally, "pid namespace", "--pid")


def with_cgroups(tools, tally):
    inside(tools, tally, "pid and cgroup namespace", "--pid", "--cgroup")


def inside(tools, tally, name, *namespaces):
    run = "inside" + "".join(word.strip("-") for word in namespaces)
    directory = tools.path(run)
    os.mkdir(directory)
    word = f"{os.getpid()}{len(namespaces)}"
    words = ["unshare", *namespaces, "--fork", "--kill-child", "--mount-proc", "sh", "-c", INSIDE, "sh"]
    words += [directory, tools.culprit, tools.ground_truth, word]
    with tools.background(*words, stderr=open(os.path.join(directory, "stderr"), "wb")) as process:
        with outside_storms(tools):
            wait_until("ground-truth inside", lambda: os.path.exists(f"{directory}/done") or process.poll() is not None)
        if process.poll() is None:
            os.kill(find_process(f"100.{word}"), signal.SIGTERM)
        process.wait(60)
    compare(tools, tally, name, directory)


class outside_storms:
    """Executions and addresses, as fast as they go, until the block ends."""

    def __init__(self, tools):
        self.contexts = [
            tools.background(tools.storm, kind, "--count", "100000000", "--workers", "1", "--seconds", "100", *words,
                             stdout=-3, stderr=-3, start_new_session=True)
            for kind, words in (("exec", ["--", "storm-outside", "of-the-namespace"]), ("bind", []))
        ]

    def __enter__(self):
        self.running = [context.__enter__() for context in self.contexts]

    def __exit__(self, *error):
        for process, context in zip(self.running, self.contexts):
            os.killpg(process.pid, signal.SIGKILL)
            context.__exit__(*error)


def compare(tools, tally, name, directory):
    path = f"{directory}/recording"
    recording, incidents = Recording.read(tools, path), Incidents.read(tools, path)
    truths = {kind: Truth.read(f"{directory}/{kind}") for kind in ("processes", "signals", "sockets")}
    tally.check(f"{name}: processes", no_loss(recording, compare_processes.compare(truths["processes"], recording)))
    tally.check(f"{name}: signals", compare_signals.compare(truths["signals"], incidents, NOT_AGENT))
    tally.check(f"{name}: sockets", compare_sockets.compare(truths["sockets"], recording))
    tally.check(f"{name}: who :PORT", compare_sockets.compare_refusals(truths["sockets"], tools, path))
    tally.check(f"{name}: nothing from outside", compare_closure(recording))
    tally.check(f"{name}: a signal from outside accuses nobody", compare_outside(incidents))
    for truth in truths.values():
        report_skips(tally, truth)


def compare_closure(recording):
    """Every process of every event was made inside, or ran there when the collector came."""
    found = Difference()
    inside = {key(event["process"]) for event in recording.by_type["seen"]} | set(recording.forks)
    found.require(any(process[0] == 1 for process in inside), "there is no pid 1 of the namespace's own")
    for event in recording.events:
        if event["type"] in ("host", "cgroup"):
            continue
        for role in ("process", "child", "target", "parent", "victim"):
            process = event.get(role)
            if process is not None:
                found.require(key(process) in inside, f"{event['type']}: {role} {process['pid']} was not made inside")
        if event["type"] == "socket":
            found.require(event["process"] is not None, f"a socket event of nobody: {event['endpoint']}")
        words = (event.get("image") or {}).get("argv", [])
        found.require("of-the-namespace" not in words, f"{event['type']} of the storm outside")
    return found


def compare_outside(incidents):
    found = Difference()
    documents = [
        document for document in incidents.documents
        if any("victim-from-outside" in (item["process"] or {}).get("argv", []) for item in document["evidence"])
    ]
    found.expect("victim-from-outside", "number of incidents", 1, len(documents))
    for document in documents:
        verdict = document["verdict"]
        found.expect("victim-from-outside", "signal", signal.SIGTERM, document["disruption"]["signal"])
        found.expect("victim-from-outside", "outcome", "unknown", verdict["outcome"])
        found.expect("victim-from-outside", "confidence", "none", verdict["confidence"])
        found.expect("victim-from-outside", "culprit", None, verdict["culprit"])
        found.require("outside" in verdict["summary"], f"the summary does not say so: {verdict['summary']}")
    return found
