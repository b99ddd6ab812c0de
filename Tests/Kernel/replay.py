"""Readers of a recording: the same bytes twice, and an exit code for everything that is no whole recording."""

import json
import os

from tally import Difference
from tools import read

NOBODY = 65534
READERS = [
    ("report", "--format", "text"), ("report", "--format", "json"), ("incidents", "list", "--format", "table"),
    ("incidents", "list", "--format", "json"), ("live", "--format", "json"), ("live", "--format", "compact"),
    ("agents", "tree"), ("who", "victim"), ("who", "victims"),
]


def staged(tools):
    """A recording with an agent, an incident that it caused, and some blocks."""
    out = tools.path("replay.culprit")
    if not os.path.exists(out):
        script = 'bash -c "exec -a victim-replay sleep 100" & v=$!; until grep -q victim-replay /proc/$v/cmdline; do sleep 0.02; done; sleep 0.2; CLAUDECODE=1 sh -c "kill $1; :" sh $v; wait'
        with tools.recorder(out):
            tools.stage("processes", tools.path("replay.truth"), "--count", "1000")
            tools.run("sh", "-c", script.replace("$1", '\\$1'))
    return out


def readers(tools, tally):
    out = staged(tools)
    found = Difference()
    for reader in READERS:
        first, second = (tools.run(tools.culprit, *reader, "--from", out) for _ in range(2))
        found.expect(" ".join(reader), "second output", first.stdout, second.stdout)
        found.expect(" ".join(reader), "second exit code", first.returncode, second.returncode)
        expected = 66 if reader[-1] == "victim" else 0
        found.expect(" ".join(reader), "exit code", expected, first.returncode)
        found.require(first.stdout or expected, f"{' '.join(reader)} prints nothing")
    tally.check("replay: every reader, byte for byte", found)


def blocks(data):
    """Offsets of the blocks of a recording."""
    offsets, at = [], 16
    while at + 40 <= len(data):
        offsets.append(at)
        at += 40 + int.from_bytes(data[at + 4 : at + 8], "little")
    return offsets


def damaged(tools, tally):
    data = read(staged(tools))
    starts = blocks(data)
    cuts = {
        "in the first header": 20, "in the first block": 16 + 40 + 100, "in the last block": starts[-1] - 1000,
        "before the end mark": starts[-1] - 1, "in the end mark": len(data) - 3, "in the middle": len(data) // 2,
    }
    found = Difference()
    for where, size in cuts.items():
        check_damage(tools, found, f"cut {where}", data[:size], sees=size >= starts[1])
    flipped = bytearray(data)
    flipped[starts[1] - 1] ^= 0xFF
    check_damage(tools, found, "with one byte changed", bytes(flipped), sees=len(starts) > 2)
    tally.check("replay: damaged files, exit 65, the rest still shown", found)
    found = Difference()
    for name, content in {"empty": b"", "garbage": b"\x7fELF" * 5000, "text": b"hello\n", "half a magic": data[:7]}.items():
        path = tools.path("no-recording")
        with open(path, "wb") as file:
            file.write(content)
        expect_failure(tools, found, f"{name} file", 65, "live", "--from", path)
    expect_failure(tools, found, "missing file", 66, "live", "--from", tools.path("missing"))
    expect_failure(tools, found, "directory", (65, 66, 74), "live", "--from", tools.scratch)
    expect_failure(tools, found, "unknown option", 64, "live", "--wrong")
    expect_failure(tools, found, "unknown command", 64, "wrong")
    expect_failure(tools, found, "incident that is not there", 66, "report", "nothing", "--from", staged(tools))
    expect_failure(tools, found, "port that nobody took", 66, "who", ":1", "--from", staged(tools))
    expect_failure(tools, found, "no daemon", 69, "incidents", "list")
    tally.check("replay: exit codes and messages", found)


def check_damage(tools, found, name, data, sees):
    path = tools.path("damaged.culprit")
    with open(path, "wb") as file:
        file.write(data)
    done = tools.run(tools.culprit, "live", "--from", path, "--format", "json")
    found.expect(name, "exit code", 65, done.returncode)
    found.require(path.encode() in done.stderr or b"culprit: " in done.stderr, f"{name}: the message is {done.stderr!r}")
    lines = done.stdout.splitlines()
    found.require(bool(lines) or not sees, f"{name}: nothing of it is shown")
    for line in lines:
        json.loads(line)


def expect_failure(tools, found, name, code, *words):
    done = tools.run(tools.culprit, *words)
    allowed = code if isinstance(code, tuple) else (code,)
    found.require(done.returncode in allowed, f"{name}: exit code {done.returncode}, not {allowed}")
    found.expect(name, "stdout", b"", done.stdout)
    found.require(done.stderr.startswith(b"culprit: "), f"{name}: the message is {done.stderr!r}")


def without_rights(tools, tally):
    """As a user who may nothing: it says what to do, or does what can be done, and accuses nobody."""
    shared = tools.path("shared")
    os.mkdir(shared)
    os.chown(shared, NOBODY, NOBODY)
    binary = os.path.join(shared, "culprit")
    with open(binary, "wb") as file:
        file.write(read(tools.culprit))
    os.chmod(binary, 0o755)
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": shared}
    found = Difference()
    done = tools.run(binary, "record", "--source", "bpf", "-o", f"{shared}/bpf.culprit", "--", "true", **nobody)
    found.expect("record --source bpf", "exit code", 77, done.returncode)
    found.require(b"root" in done.stderr and b"CAP_BPF" in done.stderr, f"it does not say what to do: {done.stderr!r}")
    done = tools.run(binary, "doctor", **nobody)
    found.expect("doctor", "exit code", 0, done.returncode)
    found.require(b"CAP_BPF" in done.stdout, "doctor does not say what is missing")
    json.loads(tools.run(binary, "doctor", "--format", "json", **nobody).stdout)
    tally.check("rights: refused with what to do, doctor works", found)
    tally.check("rights: without them /proc, and nobody is accused", fall_back(tools, binary, shared, nobody))


def fall_back(tools, binary, shared, nobody):
    out = f"{shared}/auto.culprit"
    script = 'bash -c "exec -a victim-nobody sleep 100.7" & v=$!; sleep 2; kill $v; sleep 2'
    words = ["record", "-o", out, "--config", tools.config, "--", "sh", "-c", script]
    found = Difference()
    done = tools.run(binary, *words, **nobody)
    found.expect("record", "exit code", 0, done.returncode)
    found.require(b"/proc" in done.stderr, f"it does not say that it fell back: {done.stderr!r}")
    found.require(b"victim-nobody" in tools.run(tools.culprit, "live", "--from", out).stdout, "the victim was not seen")
    document = json.loads(tools.output("report", "--from", out, "--format", "json"))
    verdict, completeness = document["verdict"], document["completeness"]
    found.expect("incident", "culprit", None, verdict["culprit"])
    found.expect("incident", "outcome", "unknown", verdict["outcome"])
    found.expect("incident", "confidence", "none", verdict["confidence"])
    states = {source["name"]: source["state"] for source in completeness["sources"]}
    found.expect("incident", "state of bpf:signal", "missing", states.get("bpf:signal"))
    text = tools.output("report", "--from", out)
    found.require("signal" in text and "missing" in text, "the report does not say that signals were not seen")
    return found
