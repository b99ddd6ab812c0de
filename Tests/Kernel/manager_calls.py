"""What is asked of service managers: every call of real clients, by whom, and the answer that it got."""

import copy
import json
import os
import shutil
import subprocess

from recording import Recording, key
from tally import Difference
from tools import read

HERE = os.path.dirname(os.path.abspath(__file__))
HIDING = "CULPRIT_HIDE_MANAGER_CALLS"
SECRET = b"hunter2"

# /run is the stand-in's own: it listens where managers do.
INSIDE = 'mount -t tmpfs run /run && exec python3 "$0" "$@"'


def staged(tools, name, *namespaces, options=(), environment=None, script="stand_in.py"):
    """A recording of the stand-in and its clients; the facts that it wrote."""
    out, facts = tools.path(f"{name}.culprit"), tools.path(f"{name}.facts")
    words = ["unshare", "--mount", "--propagation", "private", *namespaces, "sh", "-c", INSIDE,
             os.path.join(HERE, script), facts, *options]
    done = tools.run(tools.culprit, "record", "--source", "bpf", "-o", out, "--config", tools.config, "--", *words,
                     environment=environment)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    with open(facts, encoding="utf-8") as file:
        return out, [json.loads(line) for line in file]


def missing(tools):
    """Why nothing can be staged, or None."""
    absent = [name for name in ("systemctl", "dbus-daemon") if shutil.which(name) is None]
    return f"{' and '.join(absent)} not installed" if absent else None


def state_of(recording):
    return next((event for event in recording.by_type["source"] if event["name"] == "bpf:manager-call"), {})


def asked(tools, tally):
    if why := missing(tools):
        tally.skip("manager calls", why)
        return
    out, facts = staged(tools, "calls")
    recording = Recording.read(tools, out)
    if state_of(recording).get("state") != "active":
        tally.skip("manager calls", f"not recorded here: {state_of(recording).get('why')}")
        return
    for fact in facts:
        if fact["kind"] == "skipped":
            tally.skip(f"manager calls: {fact['case']}", fact["why"])
    calls = [fact for fact in facts if fact["kind"] == "call"]
    tally.check("manager calls: each client, its call and the answer", compare(calls, facts[0], recording))
    for name, change in CORRUPTIONS.items():
        wrong = copy.deepcopy(calls[:1])
        change(wrong[0])
        tally.fails_as_it_should(
            f"manager calls: {name}", compare(wrong, facts[0], recording), compare(calls[:1], facts[0], recording))
    tally.check("manager calls: nobody else's", compare_rest(calls, facts[0], recording))
    tally.check("manager calls: no secret of a body in the recording", secrets(tools, out))


# One fact of the first client's changed, which the comparison must notice.
CORRUPTIONS = {
    "another member": lambda fact: fact.update(member="StopUnit"),
    "another unit": lambda fact: fact.update(unit="other.service"),
    "another client": lambda fact: fact.update(process=[fact["process"][0], fact["process"][1] + 1]),
    "another job": lambda fact: fact["asked"][0].update(job=fact["asked"][0]["job"] + 1),
    "a refusal": lambda fact: fact["asked"][0].update(error="org.example.Error"),
    "another address": lambda fact: fact["asked"][0].update(address="/run/user/0/systemd/private"),
}


def words_of(message):
    return [argument for argument in message["arguments"] if isinstance(argument, str)]


def compare(calls, begin, recording):
    """One call of each client, on the connection that was answered; the daemon's copy where there is a daemon."""
    found = Difference()
    found.expect("recording", "events lost", 0, recording.all_lost())
    messages = recording.by_type["message"]
    for fact in calls:
        name = " ".join(fact["words"][:6])
        mine = [m for m in messages if key(m["process"]) == tuple(fact["process"]) and m["kind"] == "call"]
        found.expect(name, "calls", [fact["member"]], [m["member"] for m in mine])
        for call in mine:
            if fact["unit"]:
                named = (call["path"] or "") + " ".join(words_of(call))
                found.require(fact["unit"] in named or escaped(fact["unit"]) in named, f"{name}: {named} does not name it")
            found.require(not call["cut"] and not call["from_listener"], f"{name}: cut, or taken for the listener's")
            compare_answer(found, name, fact, call, begin, messages)
            compare_place(found, name, fact, call, begin, messages)
    return found


def escaped(unit):
    return "".join(c if c.isalnum() else f"_{ord(c):02x}" for c in unit)


def compare_answer(found, name, fact, call, begin, messages):
    """The stand-in's own account of what it answered."""
    answers = [
        m for m in messages if m["kind"] in ("reply", "error") and m["reply_serial"] == call["serial"]
        and m["peer_socket"] == call["socket"]
    ]
    if "pair" in fact["words"]:
        found.expect(name, "jobs", [["/org/freedesktop/systemd1/job/99"]], [m["arguments"] for m in answers])
        return
    found.expect(name, "times it arrived", 1, len(fact["asked"]))
    found.expect(name, "answers", 1, len(answers))
    for truth, answer in zip(fact["asked"], answers):
        found.expect(name, "refusal", truth["error"], answer["error_name"])
        job = [] if truth["job"] is None else [f"/org/freedesktop/systemd1/job/{truth['job']}"]
        found.expect(name, "job", job, answer["arguments"])
        found.require(answer["from_listener"], f"{name}: the answer is not the listener's")
        if "bus" in truth["address"]:
            own = [m for m in messages if key(m["process"]) == tuple(begin["manager"]) and m["kind"] == answer["kind"]
                   and m["reply_serial"] == call["serial"] and m["arguments"] == answer["arguments"]]
            found.require(own, f"{name}: the manager's own answer to the bus is missing")


def compare_place(found, name, fact, call, begin, messages):
    """Where it was sent, and who is there; over a daemon, the second hop."""
    for truth in fact["asked"]:
        found.expect(name, "address", truth["address"], call["address"])
        is_bus = "bus" in truth["address"]
        peer = begin["process"] if is_bus else begin["manager"]
        found.expect(name, "peer", tuple(peer), key(call["peer"]))
        copies = [
            m for m in messages
            if m["kind"] == "call" and m["serial"] == call["serial"] and m["sender"] and m["arguments"] == call["arguments"]
            and m["path"] == call["path"] and key(m["process"]) == tuple(begin["process"])
        ]
        found.expect(name, "copies of the daemon", 1 if is_bus else 0, len(copies))
        found.require(all(m["from_listener"] for m in copies), f"{name}: a copy that is not the daemon's")


def compare_rest(calls, begin, recording):
    """No call of a process that made none, and none that only reads."""
    found = Difference()
    clients = {tuple(fact["process"]) for fact in calls} | {tuple(begin["process"])}
    staged_by = {"/run/systemd/private", "/run/user/0/systemd/private", "/run/dbus/system_bus_socket", ""}
    for message in recording.by_type["message"]:
        if message["address"] not in staged_by or message["kind"] != "call":
            continue
        found.require(key(message["process"]) in clients, f"{message['member']} of {message['process']}")
        found.require(not message["member"].startswith(("Get", "List")), f"{message['member']} only reads")
    return found


def secrets(tools, out):
    found = Difference()
    found.require(SECRET not in read(out), "the file holds it")
    for form in ("json", "compact"):
        text = tools.output("live", "--from", out, "--format", form)
        found.require(SECRET.decode() not in text, f"live --format {form} shows it")
    return found


EACH = 300
# What each of them asks for, one after the other: a job, what is refused, what is just done.
UNITS = [f"{('many', 'refused', 'done')[number % 3]}-{number}.service" for number in range(EACH)]


def at_once(tools, tally):
    """Clients that crowd the processors: a send may be answered before it is done, and each is recorded all the same, or
    counted as lost where the collector itself does not get to a processor."""
    if why := missing(tools):
        tally.skip("manager calls at once", why)
        return
    out, facts = staged(tools, "many", options=("--many", str(EACH)))
    recording, found = Recording.read(tools, out), Difference()
    lost = recording.lost("bpf:manager-call")
    messages = recording.by_type["message"]
    answers = [m for m in messages if m["kind"] in ("reply", "error")]
    answered = {(m["peer_socket"], m["reply_serial"]) for m in answers}
    found.require(len(facts) > 4, "nothing was staged")
    # Of all clients of the bus, on the manager's one connection to it.
    over_bus = sum("bus" in fact["address"] for fact in facts[1:]) * EACH
    own = sum(key(m["process"]) == tuple(facts[0]["manager"]) and "bus" in m["address"] for m in answers)
    found.require(over_bus - own <= lost, f"{own} of the manager's own {over_bus} answers to the bus, {lost} lost")
    for number, fact in enumerate(facts[1:]):
        mine = [m for m in messages if key(m["process"]) == tuple(fact["process"]) and m["kind"] == "call"]
        name = f"client {number} of {fact['address']}"
        units = [words_of(m)[0] for m in mine]
        found.require(units == [unit for unit in UNITS if unit in units], f"{name}: not in order, twice, or nobody's")
        open_calls = sum((m["socket"], m["serial"]) not in answered for m in mine)
        found.require(EACH - len(units) + open_calls <= lost, f"{name}: {len(units)} calls, {open_calls} unanswered, {lost} lost")
    tally.note(f"{lost} messages counted as lost")
    tally.check("manager calls at once: each call and its answer", found)


def hidden(tools, tally):
    """Switched off: nothing of it is recorded, the recording says why, and all else goes on."""
    if why := missing(tools):
        tally.skip("manager calls hidden", why)
        return
    out, facts = staged(tools, "hidden", environment={HIDING: "1"})
    recording, found = Recording.read(tools, out), Difference()
    found.expect("recording", "messages", 0, len(recording.by_type["message"]))
    found.expect("bpf:manager-call", "state", "missing", state_of(recording).get("state"))
    found.require(HIDING in state_of(recording).get("why", ""), f"it says {state_of(recording).get('why')!r}")
    others = [event["state"] for event in recording.by_type["source"] if event["name"] in ("bpf:exec", "bpf:signal")]
    found.expect("other programs", "states", ["active", "active"], others)
    for fact in facts:
        if fact["kind"] == "call":
            execs = recording.of("exec", tuple(fact["process"]))
            found.require(bool(execs), f"no exec of {fact['words'][:3]}")
    tally.check("manager calls: switched off", found)


def nested(tools, tally):
    """The managers of a container have units of the same names: what is said to them is said to no manager of ours."""
    if why := missing(tools):
        tally.skip("manager calls of a container", why)
        return
    out, facts = staged(tools, "nested", "--pid", "--fork", "--kill-child", "--mount-proc")
    recording, found = Recording.read(tools, out), Difference()
    found.require(sum(1 for fact in facts if fact["kind"] == "call" and fact["asked"]) > 10, "nothing was staged")
    units = {fact["unit"] for fact in facts if fact["kind"] == "call" and fact["unit"]}
    for message in recording.by_type["message"]:
        found.require(not units & set(words_of(message)), f"{message['member']} {message['arguments']}")
    tally.check("manager calls: a container's are none of this host's", found)
