"""Exit codes other than 0, each with its message."""

import os
import subprocess

from tool import NOBODY, Recording, case, check, needs_root

READERS = [["report"], ["incidents"], ["incidents", "list"], ["incidents", "show", "x"], ["who", "x"], ["who", ":80"]]


@case
def usage_names_the_option_and_what_it_takes(tool):
    tool.fails(64, "nosuch", saying=["nosuch", "culprit help"])
    tool.fails(64, "report", "--nosuch", saying=["--nosuch"])
    tool.fails(64, "report", "--format", "xml", saying=["--format", "xml", "'text'", "'json'"])
    tool.fails(64, "incidents", "--format", "text", saying=["--format", "'table'", "'json'"])
    tool.fails(64, "doctor", "--format", "table", saying=["--format", "'text'"])
    tool.fails(64, "live", "--format", "text", saying=["--format", "'compact'"])
    tool.fails(64, "record", "--source", "kernel", saying=["--source", "'auto'", "'bpf'", "'procfs'"])
    tool.fails(64, "record", "--duration", saying=["--duration"])
    tool.fails(64, "record", "--duration", "soon", saying=["--duration", "'soon'", "30s"])
    tool.fails(64, "record", "--duration", "99999999999w", saying=["--duration"])
    tool.fails(64, "record", "true", saying=["true"])
    tool.fails(64, "status", "x", saying=["'x'"])


@case
def usage_of_questions(tool):
    tool.fails(64, "who", saying=["<subject>"])
    tool.fails(64, "who", "", "--from", Recording.of(tool), saying=["SUBJECT"])
    tool.fails(64, "who", ":99999", "--from", Recording.of(tool), saying=["SUBJECT", ":99999", ":8080"])
    tool.fails(64, "who", ":http", "--from", Recording.of(tool), saying=["SUBJECT"])
    tool.fails(64, "who", "x", "--since", "soon", "--from", Recording.of(tool), saying=["--since", "10 min ago"])
    for far in ("2999-01-01", "9999-12-31T23:59:59Z", "0000-01-01", "99999999999999999999 min ago"):
        result = tool.run("incidents", "--since", far, "--from", Recording.of(tool))
        check(result.code in (0, 64), f"--since {far!r}: exit {result.code}")
    tool.fails(64, "incidents", "--until", "2026-13-45", "--from", Recording.of(tool), saying=["--until"])
    tool.fails(64, "incidents", "--unit", "[", "--from", Recording.of(tool), saying=["--unit"])
    tool.fails(64, "live", "--unit", "[", "--from", Recording.of(tool), saying=["--unit"])


@case
def what_is_no_recording(tool):
    for name, content in (("empty", ""), ("words", "words " * 1000)):
        path = tool.write(name, content)
        for reader in READERS + [["live"], ["agents", "tree"]]:
            tool.fails(65, *reader, "--from", path, saying=[path, "no recording", "culprit record"])
    tool.fails(65, "report", "--from", "/dev/null", saying=["no recording"])


@case
def a_damaged_recording_is_shown_as_far_as_it_goes(tool):
    """What follows the end is damage, and the incident before it is still told."""
    path = Recording.copy(tool, "longer", lambda data: data + b"x" * 100)
    for reader in (["report"], ["incidents"], ["who", "tenant"], ["live"]):
        result = tool.run(*reader, "--from", path)
        check(result.code == 65, f"{reader}: exit {result.code}, not 65")
        check("tenant" in result.out or "sleep" in result.out, f"{reader} does not show what can be read")
        check("what could be read is shown above" in result.err, f"{reader}: {result.err!r}")


@case
def what_is_lost_is_not_called_absent(tool):
    """In the part of a recording that is left, an incident may be missing only because the rest is."""
    path = Recording.copy(tool, "cut", lambda data: data[: len(data) // 2])
    for reader in (["report"], ["incidents", "show", "2"], ["who", "tenant"], ["who", ":81"]):
        tool.fails(65, *reader, "--from", path, saying=["cut off"])


@case
def no_such_input(tool):
    for reader in READERS + [["live"], ["agents", "tree"]]:
        tool.fails(66, *reader, "--from", tool.path("nosuch"), saying=[tool.path("nosuch"), "no such file"])
    tool.fails(66, "report", "--from", tool.directory, saying=["directory"])
    tool.fails(66, "report", "nosuch", "--from", Recording.of(tool), saying=["nosuch", "culprit incidents list"])
    tool.fails(66, "incidents", "show", "nosuch", "--from", Recording.of(tool))
    tool.fails(66, "who", "nosuch", "--from", Recording.of(tool), saying=["nosuch"])
    tool.fails(66, "who", "999999", "--from", Recording.of(tool))
    tool.fails(66, "who", ":1", "--from", Recording.of(tool), saying=[":1"])
    tool.fails(66, "who", "tenant", "--since", "2261-01-01", "--from", Recording.of(tool))


@case
def no_daemon_to_ask(tool):
    for reader in READERS:
        tool.fails(69, *reader, saying=["daemon", "--from FILE"])
    tool.fails(3, "status", saying=["daemon"])


@case
def a_command_that_is_not_there(tool):
    """127 and 126, as env(1) and shells say it."""
    for name, code in (("/nonexistent/command", 127), ("nosuch-command", 127), ("/etc/passwd", 126)):
        result = tool.run("record", "-o", "x.culprit", "--", name)
        check(result.code == code, f"{name}: exit {result.code}, not {code}")
        check(f"culprit: {name}: it cannot be started: " in result.err, result.err)


@case
def a_full_device(tool):
    tool.fails(74, "report", "--from", Recording.of(tool), "-o", "/dev/full", saying=["/dev/full", "No space left"])
    tool.fails(74, "record", "-o", "/dev/full", "--", "true", saying=["/dev/full", "No space left"])
    tool.fails(74, "record", "-o", tool.path("nosuch/x"), "--", "true", saying=["nosuch/x", "No such file"])
    with open("/dev/full", "w", encoding="ascii") as full:
        for arguments in (["report", "--from", Recording.of(tool)], ["doctor"], ["live", "--from", Recording.of(tool)]):
            result = tool.run(*arguments, stdout=full)
            check(result.code == 74, f"{arguments[0]} to a full stdout: exit {result.code}, not 74")
            check("stdout" in result.err and "No space left" in result.err, f"{arguments[0]}: {result.err!r}")


@case
def not_permitted(tool):
    needs_root()
    secret = Recording.copy(tool, "secret", lambda data: data)
    os.chmod(secret, 0o600)
    hidden = tool.write("hidden.yaml", "")
    os.chmod(hidden, 0o600)
    # The program itself may lie where only root reaches.
    tool.program = subprocess.check_output(["cp", "-v", tool.program, tool.path("culprit")], text=True).split("'")[3]
    tool.fails(77, "report", "--from", secret, user=NOBODY, saying=[secret, "Permission denied", "root"])
    tool.fails(77, "check-config", hidden, user=NOBODY, saying=[hidden, "Permission denied"])
    tool.fails(77, "record", "-o", tool.path("x"), "--", "true", user=NOBODY, saying=["Permission denied"])
    os.chmod(tool.directory, 0o777)
    tool.fails(77, "record", "--source", "bpf", "-o", tool.path("y"), "--", "true", user=NOBODY, saying=["root"])


@case
def bad_configurations_name_file_line_and_key(tool):
    bad = [
        ("watch:\n  proceses: []\n", ":2: watch.proceses: no such key"),
        ("wach: {}\n", ":1: wach: no such key"),
        ("recorder:\n  size: large\n", ":2: recorder.size: "),
        ("incidents:\n  keep: 10\n  settle: soon\n", ":3: incidents.settle: "),
        ("incidents: { keep: 0 }\n", ":1: incidents.keep: "),
        ("state_dir: here\n", ":1: state_dir: "),
        ("watch:\n  processes:\n    - name: a\n      exe: '['\n", ":4: watch.processes.exe: bad pattern"),
        ("watch:\n  processes: [{ name: a }]\n", ":2: watch.processes: a needs "),
        ("agents:\n  - { name: a }\n", ":2: agents: a needs "),
        ("agents: 7\n", ":1: agents: must be a list"),
        ("redact:\n  env: { a: b }\n", ":2: redact.env: "),
        ("[]\n", ":1: must be a mapping"),
        ("watch: [\n", "not YAML"),
        ("watch: {}\nwatch: {}\n", "a key stands twice"),
        ("watch: {}\n---\nwach: {}\n", ":3: wach: no such key"),
    ]
    for text, message in bad:
        path = tool.write("bad.yaml", text)
        tool.fails(78, "check-config", path, saying=[path, message])
        tool.fails(78, "record", "--config", path, "-o", "x", "--", "true", saying=[path, message])
        check(not os.path.exists(tool.path("x")), "a refused configuration leaves a recording behind")
    tool.fails(78, "check-config", tool.path("nosuch.yaml"), saying=["nosuch.yaml", "no such file"])
