"""What container engines are asked to run: by whom, and for which container; and nothing else that is said to them."""

import copy
import json
import subprocess

from manager_calls import HERE, secrets, state_of
from recording import Recording, key
from tally import Difference

INTERFACE = "container-engine"
INSIDE = 'mount -t tmpfs run /run && exec python3 "$0/engine_stand_in.py" "$@"'


def asked(tools, tally):
    out, path = tools.path("engines.culprit"), tools.path("engines.facts")
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, HERE, path]
    done = tools.run(tools.culprit, "record", "--source", "bpf", "-o", out, "--config", tools.config, "--", *words)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    with open(path, encoding="utf-8") as file:
        facts = [json.loads(line) for line in file]
    recording = Recording.read(tools, out)
    if state_of(recording).get("state") != "active":
        tally.skip("engine requests", f"not recorded here: {state_of(recording).get('why')}")
        return
    tally.check("engine requests: each client's, and nothing else", compare(facts, recording))
    for name, change in CORRUPTIONS.items():
        wrong = copy.deepcopy(facts)
        change(wrong[0])
        tally.fails_as_it_should(f"engine requests: {name}", compare(wrong, recording), compare(facts, recording))
    tally.check("engine requests: no secret in the recording", secrets(tools, out))


CORRUPTIONS = {
    "another verb": lambda fact: fact.update(asked=["exec", fact["asked"][1]]),
    "another container": lambda fact: fact.update(asked=["start", "other"]),
    "another client": lambda fact: fact.update(process=[fact["process"][0], fact["process"][1] + 1]),
    "another engine": lambda fact: fact.update(address="/run/podman/podman.sock"),
}


def compare(facts, recording):
    found = Difference()
    found.expect("recording", "events lost", 0, recording.all_lost())
    places = {fact["address"] for fact in facts}
    messages = [
        (key(m["process"]), m["address"], m["member"], m["arguments"])
        for m in recording.by_type["message"] if m["interface"] == INTERFACE and m["address"] in places]
    truth = [
        (tuple(fact["process"]), fact["address"], fact["asked"][0], [fact["asked"][1]]) for fact in facts if fact["asked"]]
    found.require(len(truth) > 4, "nothing was staged")
    found.expect("engines", "requests", sorted(truth), sorted(messages))
    return found
