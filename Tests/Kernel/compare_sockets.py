"""Addresses asked for, taken, listened on and given up: the truth against the recording."""

import collections

from recording import key as event_key
from tally import Difference
from truth import key


def endpoint(fact, address, port):
    return f"[{address}]:{port}" if fact["family"] == "inet6" else f"{address}:{port}"


def expected_steps(fact, bound):
    """The events that one fact must leave. Port 0 is not recorded as asked for; closing a UDP socket leaves no trace; a
    socket that listens without having been bound has no port yet when the kernel says that it listens."""
    steps = []
    if fact["kind"] == "bind" and fact["requested_port"]:
        steps.append(("attempt", endpoint(fact, fact["requested_address"], fact["requested_port"])))
    if fact["result"] == "done":
        step = {"bind": "bound", "listen": "listening", "unlisten": "closed"}[fact["kind"]]
        port = 0 if step == "listening" and key(fact) not in bound else fact["port"]
        steps.append((step, endpoint(fact, fact["address"], port)))
    return [(step, fact["protocol"], where, fact["network_namespace"], fact["uid"]) for step, where in steps]


def compare(truth, recording):
    found = Difference()
    expected = collections.defaultdict(collections.Counter)
    bound = {key(fact) for fact in truth.of("bind") if fact["result"] == "done"}
    for fact in truth.of("bind") + truth.of("listen") + truth.of("unlisten"):
        expected[key(fact)].update(expected_steps(fact, bound))
    seen = collections.defaultdict(collections.Counter)
    for event in recording.by_type["socket"]:
        step = (event["step"], event["transport"], event["endpoint"], event["network_namespace"], event["uid"])
        seen[event_key(event["process"])][step] += 1
    refused = {key(fact) for fact in truth.of("listen") if fact["result"] == "refused"}
    for process in refused:
        drop_tried_listens(seen[process])
    for process, steps in expected.items():
        for step in sorted(set(steps) | set(seen[process])):
            found.expect(f"pid {process[0]}", f"number of {step}", steps[step], seen[process][step])
    return found


def drop_tried_listens(steps):
    """A refused listen() passes through the listening state and back: as many of the one as of the other."""
    for step in list(steps):
        if step[0] == "listening" and steps[step] == steps["closed", *step[1:]]:
            del steps[step], steps["closed", *step[1:]]


def compare_refusals(truth, tools, path):
    """`who :PORT` names who was refused, and who held it."""
    found = Difference()
    for fact in truth.of("bind"):
        if fact["errno"] != "EADDRINUSE":
            continue
        port = fact["requested_port"]
        text = tools.output("who", f":{port}", "--from", path)
        lines = text.splitlines()
        refused = any(f"(pid {fact['pid']}) was refused" in line and f":{port}/" in line for line in lines)
        found.require(refused, f"{fact['case']}: who :{port} does not say that {fact['pid']} was refused")
        held = any(f"(pid {fact['holder']})" in line and "was refused" not in line for line in lines)
        found.require(held, f"{fact['case']}: who :{port} does not name the holder {fact['holder']}: {text!r}")
    return found
