"""OOM kills: victim, trigger and hog against the truth; nobody else accused."""

from recording import described_key, key as event_key
from tally import Difference
from truth import key


def compare(truth, recording, incidents):
    found = Difference()
    for fact in truth.of("oom"):
        subject = f"{fact['case']} (victim {fact['victim']})"
        events = [event for event in recording.by_type["oom-victim"] if event_key(event["victim"]) == key(fact, "victim")]
        found.expect(subject, "number of events", 1, len(events))
        for event in events:
            found.expect(subject, "trigger of the event", key(fact, "trigger"), event_key(event["process"]))
            compare_sizes(subject, fact, event, found)
        compare_list(subject, fact, recording, found)
        documents = incidents.of(key(fact, "victim"))
        found.expect(subject, "number of incidents", 1, len(documents))
        for document in documents:
            compare_document(subject, fact, document, found)
    return found


def compare_document(subject, fact, document, found):
    verdict, oom = document["verdict"], document["oom"]
    found.expect(subject, "mechanism", "oom-kill", verdict["mechanism"])
    found.expect(subject, "signal", fact["signal"], document["disruption"]["signal"])
    is_own = key(fact, "victim") == key(fact, "hog")
    found.require((verdict["outcome"] == "self") == is_own, f"{subject}: outcome is {verdict['outcome']}")
    culprit = verdict["culprit"]
    found.expect(subject, "actor", key(fact, "hog"), culprit and described_key(culprit["actor"]))
    found.require(oom is not None, f"{subject}: there is no oom block")
    if oom is not None:
        found.expect(subject, "victim", key(fact, "victim"), described_key(oom["victim"]))
        found.expect(subject, "trigger", key(fact, "trigger"), described_key(oom["trigger"]))


def compare_sizes(subject, fact, event, found):
    """A victim called `oom-victim` holds 4 MiB of its own, the hog 50; neither more than the limit and its program."""
    least = {"oom-victim": 4, "oom-hog": 48}[fact["victim_argv0"]] * 1024
    limit = fact["limit"] // 1024 + 1024  # the kernel counts by CPU, and adds up now and then
    found.require(least <= event["anonymous_kib"] <= limit, f"{subject}: {event['anonymous_kib']} KiB anonymous")
    found.require(event["shared_kib"] <= limit, f"{subject}: {event['shared_kib']} KiB shared")
    found.require(event["total_vm_kib"] >= event["anonymous_kib"], f"{subject}: total {event['total_vm_kib']} KiB")


def compare_list(subject, fact, recording, found):
    """What the kernel's log lists, where that can be read: the victim and the hog, and in whose limit."""
    if not any(s["name"] == "kernel-log" and s["state"] == "active" for s in recording.by_type["source"]):
        return
    lists = [event for event in recording.by_type["oom-dump"] if event["victim_pid"] == fact["victim"]]
    # Of more than ten kills in five seconds the kernel lists no more.
    found.require(len(lists) <= 1, f"{subject}: {len(lists)} lists in the kernel's log")
    found.require(lists or recording.by_type["oom-dump"], f"{subject}: no list in the kernel's log, nor any other")
    for event in lists:
        found.expect(subject, "scope of the list", "memcg", event["scope"])
        held = {entry["pid"]: entry["anonymous_kib"] for entry in event["processes"]}
        found.require(fact["victim"] in held and fact["hog"] in held, f"{subject}: the log lists {sorted(held)}")
        if event["has_kinds"]:
            found.require(held.get(fact["hog"], 0) >= 40 * 1024, f"{subject}: the hog held {held.get(fact['hog'])} KiB")
