"""Running culprit as a user does, and what is held of every run."""

import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time

NOBODY = 65534
CASES = []


class Skip(Exception):
    """This machine cannot show it; the text says why."""


def case(function):
    """Registers a test; its name is the function's, its first line of documentation says what is held."""
    CASES.append(function)
    return function


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Tool:
    """The program under test, with a directory of its own for each test."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def environment(self, extra):
        clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
        return {**clean, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(extra or {})}

    def run(self, *arguments, env=None, user=None, stdout=subprocess.PIPE, timeout=30):
        done = subprocess.run(
            [self.program, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=timeout,
            cwd=self.directory, env=self.environment(env), check=False,
            **({} if user is None else {"user": user, "group": user, "extra_groups": []}))
        return Result(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())

    def start(self, *arguments):
        return subprocess.Popen(
            [self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.directory, env=self.environment(None), text=True)

    def on_terminal(self, *arguments, env=None):
        """What a terminal of 100 columns gets."""
        master, slave = pty.openpty()
        child = subprocess.Popen(
            [self.program, *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=self.directory,
            env=self.environment({"TERM": "xterm", **(env or {})}))
        os.close(slave)
        text, end = b"", time.monotonic() + 30
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(master)
        return Result(child.wait(10), text.decode(), "")

    def fails(self, code, *arguments, saying=(), **options):
        """Held of every failure: the exit code, nothing on stdout, and one line `culprit: what: why` on stderr."""
        result = self.run(*arguments, **options)
        shown = f"{' '.join(arguments)}: exit {result.code}, stdout {result.out[:200]!r}, stderr {result.err[:400]!r}"
        check(result.code == code, f"not exit {code}: {shown}")
        check(result.out == "", f"a failure writes to stdout: {shown}")
        check(re.fullmatch(r"culprit: [^\n]+: [^\n]+\n", result.err), f"not one line `culprit: what: why`: {shown}")
        for text in saying:
            check(text in result.err, f"does not say {text!r}: {shown}")
        return result

    def succeeds(self, *arguments, **options):
        result = self.run(*arguments, **options)
        check(result.code == 0, f"{' '.join(arguments)}: exit {result.code}, stderr {result.err[:400]!r}")
        return result


CONFIGURATION = 'watch: { processes: [{ name: tenant, argv: "sleep 61.25" }] }\nincidents: { settle: 500ms }\n'
KILL = "sleep 61.25 & sleep 0.7; kill -KILL $!; wait; sleep 0.2"


class Recording:
    """One recording with one incident, made once; the tests that only read share it."""

    path = None

    @classmethod
    def of(cls, tool):
        if cls.path is None:
            directory = tempfile.mkdtemp(prefix="culprit-cli-")
            config = os.path.join(directory, "config.yaml")
            with open(config, "w", encoding="utf-8") as file:
                file.write(CONFIGURATION)
            path = os.path.join(directory, "shared.culprit")
            tool.succeeds("record", "-o", path, "--config", config, "--", "sh", "-c", KILL)
            # The recording has to tell all by itself.
            os.remove(config)
            cls.path = path
        return cls.path

    @classmethod
    def copy(cls, tool, name, change):
        """Its bytes, changed, in a file of the test's own."""
        with open(cls.of(tool), "rb") as file:
            data = change(file.read())
        with open(tool.path(name), "wb") as file:
            file.write(data)
        return tool.path(name)


def ends_within(process, seconds):
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        raise AssertionError(f"{process.args[1]} still runs after {seconds} s") from None
    return Result(process.returncode, out, err)


def needs_root():
    if os.geteuid() != 0:
        raise Skip("needs root, to give it up")
