"""Creations, executions and ends: the truth against the recording, fact by fact."""

import collections

from recording import key as event_key
from tally import Difference
from truth import argv_bytes, key, words

# Limits of the wire layout (CEventABI/include/event.h).
PATH_MAX = 512
ARGV_HEAD = 1536
ARGV_TAIL = 512
VALUE_MAX = 128
WINDOW = 4096  # bytes of the environment looked at from each end
CUT = "\N{HORIZONTAL ELLIPSIS}"
REDACTED = "[redacted]"


def name(fact):
    return f"{fact['kind']} of {fact['case']} (pid {fact['pid']})"


def compare(truth, recording):
    found = Difference()
    is_nested = any(fact["pid_namespace"] != 0xEFFFFFFC for fact in truth.of("begin"))
    compare_forks(truth, recording, found)
    compare_execs(truth, recording, found, is_nested)
    compare_exits(truth, recording, found)
    compare_absent(truth, recording, found)
    compare_doubles(recording, found)
    return found


def compare_forks(truth, recording, found):
    starts = collections.defaultdict(set)
    for fact in truth.of("fork"):
        starts[fact["pid"]].add(fact["start_ticks"])
    for fact in truth.of("fork"):
        events = recording.forks_of(key(fact))
        found.expect(name(fact), "number of events", 1, len(events))
        for event in events:
            found.expect(name(fact), "creator", fact["creator"], (event["process"] or {}).get("pid"))
            found.expect(name(fact), "ppid", fact["ppid"], event["child_parent_pid"])
            found.expect(name(fact), "inner pid", fact["inner_pid"] or None, event["child_inner_pid"])
            if len(starts[fact["creator"]]) == 1:
                creator = (fact["creator"], *starts[fact["creator"]])
                found.expect(name(fact), "identity of the creator", creator, event_key(event["process"]))


def expected_words(fact):
    """What of the argv must be recorded: all of it, or its head and its tail."""
    head, tail = argv_bytes(fact)
    if not is_cut(fact):
        return words(head)
    return words(head[:ARGV_HEAD]) + [CUT] + words(tail[-ARGV_TAIL:])


def is_cut(fact):
    return fact["argv_total"] > ARGV_HEAD + ARGV_TAIL


def is_word(truth, seen):
    """A secret is replaced by a mark, whatever stands around it. Where the middle was cut out, what the tail begins with
    may be the rest of a secret, and is replaced as well where it looks like one."""
    before, mark, after = seen.partition(REDACTED)
    if not mark:
        return truth == seen
    return truth.startswith(before) and truth.endswith(after) and len(truth) > len(before) + len(after)


def compare_argv(fact, image, found):
    expected, seen = expected_words(fact), image["argv"]
    wrong = [at for at, pair in enumerate(zip(expected, seen)) if not is_word(*pair)]
    if len(expected) != len(seen) or wrong:
        found.expect(name(fact), "argv", expected, seen)
    hidden = [at for at, word in enumerate(seen) if REDACTED in word]
    after_cut = expected.index(CUT) + 1 if is_cut(fact) else None
    for at in hidden:
        says_secret = any(text in expected[at - 1] + expected[at] for text in ("token", "secret", "password"))
        found.require(at == after_cut or says_secret, f"{name(fact)}: {expected[at]!r} was taken for a secret")
    found.require(True, "")
    if not hidden:
        found.expect(name(fact), "argv's length", fact["argv_total"], image["argv_bytes"])


def expected_path(fact):
    path = fact["path"].encode()
    return fact["path"] if len(path) < PATH_MAX - 1 else path[: PATH_MAX - 1].decode("utf-8", "replace") + CUT


def is_executable(fact, exe):
    """A path of more components than are walked keeps its end, and says that it was cut."""
    truth = fact["exe"].removesuffix(" (deleted)")
    if exe is not None and exe.startswith(CUT) and (len(truth) > PATH_MAX // 2 or truth.count("/") > 16):
        return len(exe) > 64 and truth.endswith(exe.removeprefix(CUT))
    return exe == truth


def expected_markers(fact):
    """Markers that must be there, and those that a border of the windows may cut."""
    total = fact["environment_total"] or 0
    sure, perhaps = [], []
    for marker in fact["markers"]:
        length = len(marker["text"].encode()) + 1
        start, end = marker["offset"], marker["offset"] + length
        in_first = end <= WINDOW - 1 or total < WINDOW
        in_last = start > total - WINDOW
        text = marker["text"].encode()[: VALUE_MAX - 1].decode("utf-8", "replace")
        (sure if in_first or in_last else perhaps).append(text)
    return sure, perhaps


def compare_markers(fact, event, found):
    seen = [f"{marker['name']}={marker['value']}" for marker in event["image"]["markers"]]
    sure, perhaps = expected_markers(fact)
    found.expect(name(fact), "markers", sorted(sure), sorted(text for text in seen if text not in perhaps))
    total = fact["environment_total"]
    if total is not None:
        is_long = any(len(text.encode()) + 1 >= VALUE_MAX for text in sure if text in seen)
        is_incomplete = total >= 2 * WINDOW or is_long
        found.expect(name(fact), "environment_incomplete", is_incomplete, event["environment_incomplete"])


def compare_exec(fact, event, found, is_nested):
    image = event["image"]
    found.expect(name(fact), "ppid", fact["ppid"], event["parent_pid"])
    found.expect(name(fact), "uid", fact["uid"], event["uid"])
    found.expect(name(fact), "inner pid", fact["inner_pid"] or None, event["inner_pid"])
    # In a nested namespace only that it was not the leader is promised.
    former = bool(fact["old_tid"]) if is_nested else fact["old_tid"] or None
    found.expect(name(fact), "former thread", former, bool(event["former_thread"]) if is_nested else event["former_thread"])
    found.require(is_executable(fact, image["exe"]), f"{name(fact)}: exe is {image['exe']!r}, truth is {fact['exe']!r}")
    found.expect(name(fact), "argv_truncated", is_cut(fact), image["argv_truncated"])
    found.expect(name(fact), "argv_unreadable", False, image["argv_unreadable"])
    compare_argv(fact, image, found)
    compare_markers(fact, event, found)


def compare_execs(truth, recording, found, is_nested):
    """A process that executes twice has its facts and its events in the same order."""
    facts = collections.defaultdict(list)
    for fact in truth.of("exec"):
        facts[key(fact)].append(fact)
    for process, told in facts.items():
        events = recording.of("exec", process)
        found.expect(name(told[0]), "number of events", len(told), len(events))
        for fact, event in zip(told, events):
            found.expect(name(fact), "path", expected_path(fact), event["image"]["path"])
            compare_exec(fact, event, found, is_nested)


def compare_exits(truth, recording, found):
    for fact in truth.of("exit"):
        events = recording.of("exit", key(fact))
        found.expect(name(fact), "number of events", 1, len(events))
        for event in events:
            found.expect(name(fact), "code", fact["code"], event["code"])
            found.expect(name(fact), "signal", fact["signal"], event["signal"])
            found.expect(name(fact), "core", fact["core"], event["core_dumped"])


def compare_absent(truth, recording, found):
    tree = recording.tree(truth.begin["pid"])
    forked = {process[0] for process in tree}
    executed = {
        (event["process"]["pid"], event["image"]["path"])
        for event in recording.by_type["exec"]
        if event_key(event["process"]) in tree
    }
    for fact in truth.of("absent"):
        is_there = fact["pid"] in forked if fact["of"] == "fork" else (fact["pid"], fact["path"]) in executed
        found.require(not is_there, f"{name(fact)}: there is a {fact['of']} event, though {fact['why']}")


def compare_doubles(recording, found):
    """No process is made or ends twice, and none goes by two start times."""
    exact = collections.defaultdict(set)
    ends = collections.Counter(event_key(event["process"]) for event in recording.by_type["exit"])
    for process, events in recording.forks.items():
        found.require(len(events) == 1, f"pid {process[0]}: {len(events)} fork events")
        found.require(ends[process] <= 1, f"pid {process[0]}: {ends[process]} exit events")
    for event in recording.events:
        for process in (event["process"], event.get("child"), event.get("target")):
            if process and event["type"] not in ("host", "seen"):
                exact[event_key(process)].add(process["start_ns"])
    for process, starts in exact.items():
        found.require(len(starts) == 1, f"pid {process[0]} goes by {len(starts)} start times")
