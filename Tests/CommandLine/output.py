"""What goes to which stream, in which form."""

import json
import os
import subprocess

from tool import Recording, case, check

COMMANDS = [
    ["daemon"], ["record"], ["live"], ["who"], ["incidents"], ["incidents", "list"], ["incidents", "show"], ["incidents", "annotate"], ["report"], ["agents"],
    ["agents", "list"], ["agents", "tree"], ["agents", "run"], ["agents", "register"], ["status"], ["doctor"], ["check-config"],
]
ESCAPE = "\x1b["
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@case
def version_and_help(tool):
    version = tool.succeeds("--version")
    check(version.out.count(".") == 2 and version.out.strip()[0].isdigit(), f"--version: {version.out!r}")
    for command in [[], *COMMANDS]:
        result = tool.succeeds(*command, "--help")
        check("USAGE: culprit" in result.out, f"{command} --help: {result.out[:200]!r}")
        check(result.err == "", f"{command} --help writes to stderr: {result.err!r}")
        for word in command:
            check(word in result.out, f"{command} --help does not name {word}")


@case
def results_alone_go_to_stdout(tool):
    """A result has no message in it, and a message never is part of a result."""
    for reader in (["report"], ["incidents"], ["who", "tenant"], ["agents", "tree", "--all"], ["agents", "list", "--all"], ["live"]):
        result = tool.succeeds(*reader, "--from", Recording.of(tool))
        check(result.out and "culprit:" not in result.out, f"{reader}: {result.out[:200]!r}")
        check(result.err == "", f"{reader} writes to stderr: {result.err!r}")
    for command in (["doctor"], ["check-config"], ["agents", "tree"], ["agents", "list"]):
        result = tool.succeeds(*command)
        check(result.out and result.err == "", f"{command}: stderr {result.err!r}")
    result = tool.succeeds("record", "-o", "x.culprit", "--", "true")
    check(result.out == "", f"record writes to stdout: {result.out!r}")
    check(result.err.startswith("culprit: recording to x.culprit"), result.err)


@case
def json_is_json(tool):
    shared = Recording.of(tool)
    incident = json.loads(tool.succeeds("report", "--format", "json", "--from", shared).out)
    check(incident["schema"] == "culprit.incident/v1", incident["schema"])
    check(incident["subject"] == {**incident["subject"], "kind": "process", "name": "tenant"}, incident["subject"])
    listed = json.loads(tool.succeeds("incidents", "--format", "json", "--from", shared).out)
    check([entry["id"] for entry in listed] == [incident["id"]], "the list has another incident than the report")
    shown = tool.succeeds("incidents", "show", incident["id"][:20], "--format", "json", "--from", shared).out
    check(json.loads(shown) == incident, "incidents show differs from report")
    check(isinstance(json.loads(tool.succeeds("agents", "tree", "--format", "json", "--from", shared).out), (list, dict)), "")
    check(json.loads(tool.succeeds("doctor", "--format", "json").out), "doctor is empty")
    lines = tool.succeeds("live", "--format", "json", "--from", shared).out.splitlines()
    check(len(lines) > 10 and all(isinstance(json.loads(line), dict) for line in lines), "live: not one object a line")


@case
def the_same_input_gives_the_same_output(tool):
    for reader in (["report"], ["report", "--format", "json"], ["incidents"], ["who", "tenant"], ["live"]):
        first, second = (tool.succeeds(*reader, "--from", Recording.of(tool)).out for _ in range(2))
        check(first == second, f"{reader} differs from one run to the next")


@case
def a_report_into_a_file(tool):
    on_stdout = tool.succeeds("report", "--from", Recording.of(tool)).out
    result = tool.succeeds("report", "--from", Recording.of(tool), "-o", "report.txt", env={"FORCE_COLOR": "1"})
    check(result.out == "", "the report goes to stdout as well")
    with open(tool.path("report.txt"), encoding="utf-8") as file:
        check(file.read() == on_stdout, "the file differs from what stdout gets")
    check(os.stat(tool.path("report.txt")).st_mode & 0o077 == 0, "others may read the file")


@case
def colour_on_a_terminal_only(tool):
    for reader in (["report"], ["incidents"], ["who", "tenant"]):
        arguments = [*reader, "--from", Recording.of(tool)]
        check(ESCAPE not in tool.succeeds(*arguments).out, f"{reader}: colour without a terminal")
        check(ESCAPE in tool.succeeds(*arguments, env={"FORCE_COLOR": "1"}).out, f"{reader}: FORCE_COLOR is not honoured")
        both = tool.succeeds(*arguments, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
        check(ESCAPE not in both, f"{reader}: NO_COLOR does not outrank FORCE_COLOR")
        shown = tool.on_terminal(*arguments)
        check(shown.code == 0 and ESCAPE in shown.out, f"{reader}: no colour on a terminal")
        shown = tool.on_terminal(*arguments, env={"NO_COLOR": "1"})
        check(shown.code == 0 and ESCAPE not in shown.out, f"{reader}: NO_COLOR is not honoured on a terminal")
        check(ESCAPE in tool.on_terminal(*arguments, env={"NO_COLOR": ""}).out, f"{reader}: an empty NO_COLOR counts")
    for line in tool.succeeds("live", "--format", "json", "--from", Recording.of(tool), env={"FORCE_COLOR": "1"}).out.splitlines():
        check(ESCAPE not in line, "live --format json has colour")


@case
def a_reader_that_goes_away(tool):
    """`culprit ... | head -1` ends without a word."""
    for reader in (["report"], ["live"], ["live", "--format", "json"], ["report", "--format", "json"]):
        read, write = os.pipe()
        child = subprocess.Popen(
            [tool.program, *reader, "--from", Recording.of(tool)], stdout=write, stderr=subprocess.PIPE,
            env=tool.environment(None))
        os.close(write)
        os.read(read, 1)
        os.close(read)
        err = child.communicate(timeout=30)[1]
        check(child.returncode == 0 and err == b"", f"{reader}: exit {child.returncode}, stderr {err!r}")


@case
def closed_streams(tool):
    """A message never ends up in the file that happens to get the number of a closed stream."""
    script = '"$0" record -o closed.culprit -- true <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", script, tool.program], cwd=tool.directory, check=False, timeout=30)
    check(done.returncode == 0, f"record with closed streams: exit {done.returncode}")
    with open(tool.path("closed.culprit"), "rb") as file:
        check(b"culprit: recording to" not in file.read(), "the message is in the recording")
    tool.succeeds("live", "--from", "closed.culprit")
    script = '"$0" report --from "$1" >&-'
    done = subprocess.run(
        ["sh", "-c", script, tool.program, Recording.of(tool)], stderr=subprocess.PIPE, check=False, timeout=30)
    check(done.returncode == 74 and b"stdout" in done.stderr, f"closed stdout: exit {done.returncode}, {done.stderr!r}")


@case
def good_configurations(tool):
    example = os.path.join(ROOT, "packaging", "culprit.yaml")
    shown = tool.succeeds("check-config", example).out
    for text in ("kaval: exe */node, argv *kaval*", "orchestrator (configured)", "claude-code (built in)", "codex (built in)", "settle: 2"):
        check(text in shown, f"check-config does not show {text!r}: {shown}")
    defaults = tool.succeeds("check-config").out if not os.path.exists("/etc/culprit") else None
    for text in ("", "# nothing\n", "watch:\n", "---\n---\n"):
        shown = tool.succeeds("check-config", tool.write("good.yaml", text)).out
        check(defaults is None or shown == defaults, f"{text!r} is not the defaults: {shown}")
    shown = tool.succeeds("check-config", tool.write("good.yaml", "recorder: { size: 1GiB }\n---\nincidents: { settle: 1min }\n")).out
    check("1073741824" in shown and "settle: 60" in shown, shown)
