"""What managers answer: to each recorded call its answer, whenever and however it was sent, or a loss that is stated."""

from manager_calls import missing, staged, state_of
from recording import Recording
from tally import Difference

SOURCE = "bpf:manager-call"


def rare(tools, tally):
    """Answers that come before their calls' sends are done, among other messages, in pieces, from memory that is gone."""
    if why := missing(tools):
        tally.skip("manager answers", why)
        return
    out, facts = staged(tools, "answers", script="answer_stand_in.py")
    recording = Recording.read(tools, out)
    if state_of(recording).get("state") != "active":
        tally.skip("manager answers", f"not recorded here: {state_of(recording).get('why')}")
        return
    tally.check("manager answers: each with its call, or stated as lost", compare(facts, recording))
    wrong = [dict(facts[0], answers=[[facts[0]["calls"][0], "org.example.Error"]])]
    tally.fails_as_it_should("manager answers: a refusal", compare(wrong, recording), compare(facts[:1], recording))


def compare(facts, recording):
    found = Difference()
    messages, unread = recording.by_type["message"], 0
    for fact in facts:
        name = fact["case"]
        calls = [m["serial"] for m in messages if m["kind"] == "call" and m["socket"] == fact["socket"]]
        answers = [m for m in messages if m["kind"] in ("reply", "error") and m["peer_socket"] == fact["socket"]]
        told = [[m["reply_serial"], m["error_name"]] for m in answers]
        if fact["unread"]:
            unread += fact["unread"]
            found.require(all(serial in fact["calls"] for serial in calls), f"{name}: calls {calls}")
            found.require(all(answer in fact["answers"] for answer in told), f"{name}: answers {told}")
        else:
            found.expect(name, "calls", fact["calls"], calls)
            found.expect(name, "answers", sorted(fact["answers"]), sorted(told))
        for answer in answers:
            found.expect(name, "the answer's socket", fact["peer"], answer["socket"])
            found.expect(name, "address", fact["path"], answer["address"])
            is_listener = bool(fact["path"]) and not fact["from_listener"]
            found.expect(name, "is the listener's", is_listener, answer["from_listener"])
    lost = recording.lost(SOURCE)
    found.require(lost >= unread, f"{unread} sends cannot be read, {lost} are counted as lost")
    return found
