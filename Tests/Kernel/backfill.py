"""What ran before the collector: each process once, with its parent and argv; and a storm while it starts."""

import os
import signal

import compare_processes
from recording import Recording, key
from tally import Difference
from tools import find_process, processes, read, start_ticks, wait_until
from truth import Truth, key as fact_key

# A family: a shell, two children of its own, an orphan that a double fork left to somebody else.
FAMILY = "(setsid sleep 101.{0} &); sleep 102.{0} & sleep 103.{0} & wait"


def is_asleep(pid):
    return read(f"/proc/{pid}/cmdline").startswith(b"sleep\0")


def standing(tools, tally):
    """A family that lives before, during and a little after the collector's start."""
    word = os.getpid()
    out = tools.path("standing.culprit")
    with tools.background("sh", "-c", FAMILY.format(word)) as shell:
        pids = [shell.pid] + [find_process(f"{number}.{word}") for number in (101, 102, 103)]
        # `setsid` has the word too, until it has become the `sleep`.
        wait_until("a sleep is still setsid", lambda: all(is_asleep(pid) for pid in pids[1:]))
        facts = [living(pid) for pid in pids]
        everybody = set(map(identity, processes()))
        with tools.recorder(out):
            everybody &= set(map(identity, processes()))
            for pid in pids:  # the shell first, which would end by itself without its children
                os.kill(pid, signal.SIGTERM)
            wait_until("the family's end", lambda: all(identity(pid)[1] is None for pid in pids))
    found = Difference()
    recording = Recording.read(tools, out)
    for fact in facts:
        compare_living(fact, recording, found)
    for process in everybody:
        if process[1] is not None:
            found.expect(f"pid {process[0]}", "number of times seen", 1, len(recording.of("seen", process)))
    compare_processes.compare_doubles(recording, found)
    tally.check("back-fill: what ran before, once, with parent and argv", found)


def identity(pid):
    """(pid, ticks) of a process; (pid, None) where it is gone or only waits for its parent."""
    try:
        if read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] in (b"Z", b"X"):
            return pid, None
        return pid, start_ticks(pid)
    except OSError:
        return pid, None


def living(pid):
    parent = int(read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1])
    words = read(f"/proc/{pid}/cmdline").decode().split("\0")[:-1]
    return {"process": identity(pid), "parent": identity(parent), "argv": words, "exe": os.readlink(f"/proc/{pid}/exe")}


def compare_living(fact, recording, found):
    subject = f"pid {fact['process'][0]}"
    seen = recording.of("seen", fact["process"])
    found.expect(subject, "number of times seen", 1, len(seen))
    for event in seen:
        found.expect(subject, "parent", fact["parent"], key(event["parent"]))
        found.expect(subject, "argv", fact["argv"], event["image"]["argv"])
        found.expect(subject, "exe", fact["exe"], event["image"]["exe"])
        found.expect(subject, "uid", os.geteuid(), event["uid"])
    found.expect(subject, "number of fork events", 0, len(recording.forks_of(fact["process"])))
    ends = recording.of("exit", fact["process"])
    found.expect(subject, "signals it ended by", [signal.SIGTERM], [event["signal"] for event in ends])


def storm(tools, tally):
    """The collector starts in the middle of a storm of short lives, several times."""
    found = Difference()
    met = without_past = 0
    for turn in range(3):
        facts, out = tools.path(f"turn{turn}.truth"), tools.path(f"turn{turn}.culprit")
        with tools.background(tools.ground_truth, "processes", "--out", facts, "--count", "2000", stderr=-3) as staging:
            with tools.recorder(out):
                staging.wait(120)
        truth, recording = Truth.read(facts), Recording.read(tools, out)
        turn_found, strangers = compare_start(truth, recording)
        found.extend_from(turn_found)
        without_past += strangers
        met += sum(1 for fact in truth.of("fork") if recording.of("seen", fact_key(fact)))
    tally.check("back-fill: a storm during the start, none missing, none twice", found)
    tally.note(f"{met} of the storm's processes were met alive at the start")
    tally.note(f"{without_past} were made before the probes were there and over before the list was read")


def compare_start(truth, recording):
    """Also says how many were made before the fork probe was attached and ended before the list of tasks was read: of
    those the end is recorded, and nothing else can be."""
    found, strangers = Difference(), 0
    attached = min((event_ticks(event) for event in recording.by_type["fork"]), default=0)
    for fact in truth.of("fork"):
        process, subject = fact_key(fact), f"{fact['case']} (pid {fact['pid']})"
        made, seen = recording.forks_of(process), recording.of("seen", process)
        acts = recording.of("exec", process) + recording.of("exit", process)
        found.require(len(made) <= 1 and len(seen) <= 1, f"{subject}: made {len(made)} times, seen {len(seen)} times")
        is_later = fact["start_ticks"] > attached + 1
        strangers += bool(acts) and not made and not seen
        found.require(made or seen or not is_later, f"{subject}: missing, though made after the first fork recorded")
        starts = {event["process"]["start_ns"] for event in acts + seen} | {event["child"]["start_ns"] for event in made}
        found.require(len(starts) <= 1, f"{subject}: goes by {len(starts)} start times")
        for event in made:
            found.expect(subject, "creator", fact["creator"], event["process"]["pid"])
        for event in seen:
            found.require(is_parent(event, fact), f"{subject}: parent is {event['parent']}, truth is {fact['ppid']}")
    for fact in truth.of("exit"):
        ends = len(recording.of("exit", fact_key(fact)))
        found.require(ends <= 1, f"pid {fact['pid']} ends {ends} times")
    return found, strangers


def is_parent(event, fact):
    """An orphan of the truth belongs to the run's first process, its subreaper."""
    parent = event["parent"] and event["parent"]["pid"]
    return parent in (fact["ppid"], fact["creator"]) or not event["image"] or fact["case"] == "orphan"


def event_ticks(event):
    return int(event["boot_ns"]) * os.sysconf("SC_CLK_TCK") // 1_000_000_000
