"""Making recordings: how they begin and end, and that they tell all by themselves."""

import json
import os
import re
import signal
import subprocess
import time

from tool import CONFIGURATION, Recording, Skip, case, check, ends_within


def is_readable(tool, path):
    """To its end, and closed: the reader finds no damage."""
    result = tool.succeeds("live", "--format", "json", "--from", path)
    types = {json.loads(line)["type"] for line in result.out.splitlines()}
    check({"host", "source", "configuration", "seen"} <= types, f"{path} begins with {sorted(types)}")


def wait_for_start(process):
    line = process.stderr.readline()
    check("recording to" in line, f"record says {line!r}")


@case
def a_command_ends_it(tool):
    start = time.monotonic()
    result = tool.succeeds("record", "-o", "x.culprit", "--", "sh", "-c", "sleep 0.5; true word-of-the-command")
    check(0.5 <= time.monotonic() - start < 10, "it does not end with the command")
    check(re.search(r"culprit: x.culprit: \d+ records, \d+ lost, \d+ incidents?\n", result.err), result.err)
    is_readable(tool, "x.culprit")
    check(os.stat(tool.path("x.culprit")).st_mode & 0o077 == 0, "others may read the recording")


@case
def what_the_command_executed_is_in_it(tool):
    tool.succeeds("record", "-o", "x.culprit", "--", "sh", "-c", "sleep 0.3; sleep 0.31; true")
    events = [json.loads(line) for line in tool.succeeds("live", "--format", "json", "--from", "x.culprit").out.splitlines()]
    if not any(event["type"] == "exec" for event in events):
        raise Skip("neither the kernel programs nor the proc connector run here")
    check("0.31" in json.dumps([event for event in events if event["type"] == "exec"]), "its argv is not there")


@case
def the_time_ends_it(tool):
    start = time.monotonic()
    tool.succeeds("record", "-o", "x.culprit", "--duration", "1s")
    check(1 <= time.monotonic() - start < 8, f"it took {time.monotonic() - start:.1f} s, not 1 s")
    tool.succeeds("record", "-o", "x.culprit", "--duration", "18446744073s", "--", "true")
    is_readable(tool, "x.culprit")


@case
def signals_end_it_cleanly(tool):
    for number in (signal.SIGINT, signal.SIGTERM):
        process = tool.start("record", "-o", "x.culprit")
        wait_for_start(process)
        process.send_signal(number)
        result = ends_within(process, 10)
        check(result.code == 0, f"{number.name}: exit {result.code}, {result.err!r}")
        check("records" in result.err, f"{number.name}: {result.err!r}")
        is_readable(tool, "x.culprit")


@case
def the_hardest_signal_costs_a_second_at_most(tool):
    """SIGKILL: what was captured until a second before is there, and the missing end is said."""
    process = tool.start("record", "-o", "x.culprit")
    wait_for_start(process)
    subprocess.run(["sh", "-c", "true; sleep 0.2"], check=True)
    time.sleep(2.5)
    process.kill()
    process.communicate()
    result = tool.run("live", "--format", "json", "--from", "x.culprit")
    check(result.code in (0, 65), f"exit {result.code}, {result.err!r}")
    check(len(result.out.splitlines()) > 10, "nothing can be read of it")


@case
def a_signal_ends_live(tool):
    process = tool.start("live")
    first = process.stdout.readline()
    check(first != "", "live shows nothing")
    process.send_signal(signal.SIGINT)
    result = ends_within(process, 10)
    check(result.code == 0 and result.err == "", f"exit {result.code}, {result.err!r}")


@case
def it_replays_with_the_configuration_it_was_made_with(tool):
    """The reader is given no configuration, and the file that the maker was given is gone."""
    report = json.loads(tool.succeeds("report", "--format", "json", "--from", Recording.of(tool)).out)
    check(report["subject"]["name"] == "tenant", report["subject"])
    check(report["disruption"]["kind"] == "killed", report["disruption"])
    who = tool.succeeds("who", "tenant", "--from", Recording.of(tool)).out
    check("tenant" in who and report["verdict"]["summary"][:20] in " ".join(who.split()), who)
    # `who` asks about what no configuration watches, too.
    check("pid" in tool.succeeds("who", str(report["disruption"]["main_pid_before"]), "--from", Recording.of(tool)).out, "")
    check("sleep" in tool.succeeds("who", "sleep", "--from", Recording.of(tool)).out, "who sleep does not answer")


@case
def it_moves_to_another_place(tool):
    """Read by somebody without privilege, under another name: the same report."""
    path = Recording.copy(tool, "moved", lambda data: data)
    os.chmod(path, 0o644)
    here = tool.succeeds("report", "--from", Recording.of(tool)).out
    check(tool.succeeds("report", "--from", path).out == here, "the report depends on the file's name")


@case
def the_list_is_narrowed(tool):
    shared = Recording.of(tool)

    def count(*options):
        return len(json.loads(tool.succeeds("incidents", "--format", "json", *options, "--from", shared).out))

    check(count() == 1, "not one incident")
    for options in (["--since", "1h ago"], ["--since", "-1h"], ["--until", "now"], ["--unit", "ten*"]):
        check(count(*options) == 1, f"{options} leaves the incident out")
    for options in (["--since", "2261-01-01"], ["--until", "2001-01-01T00:00:00Z"], ["--unit", "other"], ["--agent", "codex"]):
        check(count(*options) == 0, f"{options} lets the incident pass")


@case
def an_exclusive_tier(tool):
    """`--source procfs` works for everybody, and says what it does not see."""
    result = tool.succeeds("record", "--source", "procfs", "-o", "x.culprit", "--", "sleep", "0.2")
    check("/proc, without the kernel programs" in result.err, result.err)
    states = [json.loads(line) for line in tool.succeeds("live", "--format", "json", "--from", "x.culprit").out.splitlines()]
    names = {event.get("name"): event.get("state") for event in states if event["type"] == "source"}
    check(names.get("bpf:signal") == "missing", names)


@case
def secrets_stay_out(tool):
    tool.write("config.yaml", CONFIGURATION)
    word = "hunter2" + "word"
    tool.succeeds("record", "-o", "x.culprit", "--", "sh", "-c", f"env true --password {word} TOKEN={word}; sleep 0.2")
    with open(tool.path("x.culprit"), "rb") as file:
        check(word.encode() not in file.read(), "a password is in the recording")
    check(word not in tool.succeeds("live", "--from", "x.culprit").out, "a password is shown")


@case
def the_demonstration_gets_the_right_verdict(tool):
    demo = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Demo", "run")
    done = subprocess.run([demo, tool.program], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode == 77:
        raise Skip("the kernel programs do not run here")
    check(done.returncode == 0, f"exit {done.returncode}: {done.stdout[-600:]} {done.stderr[-300:]}")
