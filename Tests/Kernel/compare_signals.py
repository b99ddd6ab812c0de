"""Who ended whom: the truth against the incidents."""

from recording import described_key
from tally import Difference
from truth import key


def name(fact):
    return f"{fact['case']} (victim {fact['victim']})"


def compare(truth, incidents, outcomes):
    """`outcomes` are those allowed where somebody did it."""
    found = Difference()
    for fact in truth.of("disruption"):
        documents = incidents.of(key(fact, "victim"))
        found.expect(name(fact), "number of incidents", 1, len(documents))
        for document in documents:
            compare_ending(fact, document["disruption"], found)
            compare_verdict(fact, document["verdict"], found, outcomes)
    found.extend_from(compare_innocent(truth, incidents))
    return found


def compare_ending(fact, disruption, found):
    found.expect(name(fact), "exit code", fact["ended_code"], disruption["exit_code"])
    found.expect(name(fact), "signal", fact["ended_signal"], disruption["signal"])
    found.expect(name(fact), "core", fact["ended_core"], disruption["core_dumped"])


def compare_verdict(fact, verdict, found, outcomes):
    actor = described_key(verdict["culprit"] and verdict["culprit"]["actor"])
    found.expect(name(fact), "mechanism", fact["mechanism"], verdict["mechanism"])
    if fact["actor"] is not None:
        found.expect(name(fact), "actor", key(fact, "actor"), actor)
        found.require(verdict["outcome"] in outcomes, f"{name(fact)}: outcome is {verdict['outcome']!r}, not of {outcomes}")
    elif fact["mechanism"] == "signal":
        # The kernel did it by itself: nobody may be accused.
        found.expect(name(fact), "actor", None, actor)
        found.expect(name(fact), "outcome", "unknown", verdict["outcome"])
    else:
        found.expect(name(fact), "actor", key(fact, "victim"), actor)
        found.expect(name(fact), "outcome", "self", verdict["outcome"])


def compare_innocent(truth, incidents):
    """Nobody is named for what another one did: the actor of an incident is the truth's, the victim itself, or nobody."""
    found = Difference()
    for fact in truth.of("disruption"):
        for document in incidents.of(key(fact, "victim")):
            culprit = document["verdict"]["culprit"]
            actor = described_key(culprit and culprit["actor"])
            is_innocent = actor is not None and actor[0] in fact["innocent"]
            found.require(not is_innocent, f"{name(fact)}: innocent pid {actor and actor[0]} is accused")
            allowed = (None, key(fact, "actor"), key(fact, "victim"))
            found.require(actor in allowed, f"{name(fact)}: {actor} is accused, truth is {key(fact, 'actor')}")
    return found
