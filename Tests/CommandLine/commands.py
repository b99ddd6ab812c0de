"""`record -- CMD`: the command's end is the recorder's, as with perf and strace."""

import contextlib
import os
import pty
import signal
import subprocess
import time

from service import wait_until
from tool import Skip, case, check, ends_within, needs_root


def start(tool, *arguments, script, trap=":", **options):
    """The recorder, with a shell under it that runs: its pid is in the file `pid`, once the trap is set."""
    output = [] if "-o" in arguments else ["-o", "x.culprit"]
    words = [tool.program, "record", *output, *arguments, "--", "sh", "-c", f"{trap}; echo $$ >pid; {script}"]
    process = subprocess.Popen(
        words, cwd=tool.directory, env=tool.environment(None), text=True,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options)
    end = time.monotonic() + 10
    while not (os.path.exists(tool.path("pid")) and os.path.getsize(tool.path("pid"))):
        check(time.monotonic() < end, "the command does not start")
        time.sleep(0.02)
    with open(tool.path("pid"), encoding="ascii") as file:
        return process, int(file.read())


def is_gone(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(") ")[2][0] == "Z"
    return True


def is_whole(tool):
    tool.succeeds("live", "--from", "x.culprit")


@case
def it_exits_as_the_command_does(tool):
    for script, code in (("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", -9), ("kill -TERM $$", -15)):
        result = tool.run("record", "-o", "x.culprit", "--", "sh", "-c", script)
        check(result.code == code, f"{script}: exit {result.code}, not {code}: {result.err!r}")
        check("records" in result.err, result.err)
        is_whole(tool)


@case
def a_core_is_the_commands_alone(tool):
    """It ends by the command's signal, and leaves no core of its own."""
    result = tool.run("record", "-o", "x.culprit", "--", "sh", "-c", "ulimit -c 0; kill -SEGV $$")
    check(result.code == -signal.SIGSEGV, f"exit {result.code}")
    check(not [name for name in os.listdir(tool.directory) if name.startswith("core")], os.listdir(tool.directory))


@case
def what_the_recorder_is_told_the_command_is_told(tool):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process, pid = start(tool, script="exec sleep 60")
        process.send_signal(number)
        result = ends_within(process, 10)
        check(result.code == -number, f"{number.name}: exit {result.code}, {result.err!r}")
        check(is_gone(pid), f"{number.name} leaves the command running")
        is_whole(tool)
        os.remove(tool.path("pid"))


@case
def the_command_has_time_to_end(tool):
    """It handles SIGTERM and exits as it likes; what it does meanwhile is recorded."""
    process, pid = start(tool, trap="trap 'sleep 0.53; exit 5' TERM", script="while :; do sleep 0.1; done")
    process.send_signal(signal.SIGTERM)
    result = ends_within(process, 10)
    check(result.code == 5 and is_gone(pid), f"exit {result.code}, {result.err!r}")
    check("0.53" in tool.succeeds("live", "--from", "x.culprit").out, "what it did to end is not in the recording")


@case
def the_second_signal_kills(tool):
    process, pid = start(tool, trap="trap '' TERM", script="while :; do sleep 0.1; done")
    process.send_signal(signal.SIGTERM)
    line = ""
    while "once more kills it" not in line:
        line = process.stderr.readline()
        check(line, "it does not say what it waits for")
    check(process.poll() is None and not is_gone(pid), "it did not wait")
    process.send_signal(signal.SIGTERM)
    result = ends_within(process, 10)
    check(result.code == -9 and is_gone(pid), f"exit {result.code}, {result.err!r}")
    is_whole(tool)


@case
def the_time_ends_the_command_too(tool):
    """As with `perf stat --timeout`: asked, and after 5 s killed. That is what was wanted: exit 0."""
    for trap, script, longest in ((":", "exec sleep 60", 4), ("trap '' TERM", "while :; do sleep 0.1; done", 12)):
        begun = time.monotonic()
        process, pid = start(tool, "--duration", "1s", trap=trap, script=script)
        result = ends_within(process, longest)
        check(result.code == 0 and is_gone(pid), f"{script}: exit {result.code}, {result.err!r}")
        check(time.monotonic() - begun >= 1, "it did not last its time")
        is_whole(tool)
        os.remove(tool.path("pid"))


@case
def ctrl_c_comes_once(tool):
    """A terminal tells the recorder and the command; the recorder does not tell the command again."""
    master, slave = pty.openpty()
    try:
        script = "while ! [ -e told ]; do sleep 0.1; done; sleep 0.5; exit 3"
        process, pid = start(
            tool, trap="trap 'echo told >>told' INT", script=script, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(slave), os.O_RDWR)))
        os.write(master, b"\x03")
        check(process.wait(10) == 3 and is_gone(pid), f"exit {process.returncode}")
        with open(tool.path("told"), encoding="ascii") as file:
            check(file.read() == "told\n", "it was told more than once")
        is_whole(tool)
    finally:
        os.close(master)
        os.close(slave)


@case
def a_recorder_that_fails_leaves_nothing_behind(tool):
    """The disk is full: exit 74, and the command does not run on unwatched."""
    needs_root()
    os.mkdir(tool.path("small"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tool.path("small")], check=False)
    if mounted.returncode != 0:
        raise Skip("tmpfs cannot be mounted here")
    try:
        process, pid = start(tool, "-o", "small/x.culprit", script="while :; do /bin/true; done")
        result = ends_within(process, 30)
        check(result.code == 74 and "No space left" in result.err, f"exit {result.code}, {result.err!r}")
        wait_until("the command ends", lambda: is_gone(pid), 5)
    finally:
        subprocess.run(["umount", tool.path("small")], check=True)
