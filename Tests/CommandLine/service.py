"""A real daemon with directories and a notification socket of its own, as a service manager would run it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

from tool import check

CONFIGURATION = """\
state_dir: {directory}/state
runtime_dir: {directory}/run
watch: {{ processes: [{{ name: tenant, argv: "sleep 61.25" }}] }}
incidents: {{ settle: 500ms, keep: {keep} }}
"""


def wait_until(what, condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


class Service:
    """Starts the daemon, waits until it is ready, and ends it with the block, however that ends."""

    def __init__(self, tool, keep=1000, watchdog=None, abstract=False, environment=None, options=()):
        self.tool, self.process, self.messages, self.log = tool, None, [], tool.path("log")
        self.config = tool.path("config.yaml")
        if not os.path.exists(self.config):
            tool.write("config.yaml", CONFIGURATION.format(directory=tool.directory, keep=keep))
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(0.2)
        name = f"@culprit-test-{os.getpid()}-{id(self)}" if abstract else tool.path("notify")
        with contextlib.suppress(FileNotFoundError):
            os.remove(name)
        self.notify.bind("\0" + name[1:] if abstract else name)
        self.environment = {"NOTIFY_SOCKET": name, **({"WATCHDOG_USEC": str(watchdog)} if watchdog else {}), **(environment or {})}
        self.options = options

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.notify.close()

    def start(self, ready=True):
        self.messages.clear()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.tool.program, "daemon", "--config", self.config, *self.options], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.tool.environment(self.environment))
        if ready:
            wait_until("READY=1", lambda: self.process.poll() is not None or self.said("READY=1"), 30)
            check(self.process.poll() is None, f"the daemon ended: {self.logged()}")

    def said(self, line):
        """Whether the manager has been told that."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.messages += self.notify.recv(65536).decode().splitlines()
                if line in self.messages:
                    break
        return line in self.messages

    def logged(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        """Its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, *words):
        return self.tool.succeeds(*words, "--config", self.config)

    def listed(self):
        return json.loads(self.ask("incidents", "--format", "json").out)

    def disrupt(self):
        """A watched process is killed by a process of its own; returns its pid once the incident can be read."""
        before = len(self.listed())
        pid = disrupt()
        end = time.monotonic()
        wait_until("the incident", lambda: len(self.listed()) > before, 10)
        check(time.monotonic() - end < 5, f"the incident took {time.monotonic() - end:.1f} s")
        return pid

    def connect(self):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(20)
        client.connect(self.tool.path("run/culprit.sock"))
        return client

    def exchange(self, line):
        """What the socket answers to these bytes."""
        with self.connect() as client:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(line)
                client.shutdown(socket.SHUT_WR)
            return receive(client)

    def memory(self):
        """Anonymous memory, in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon:"))


def receive(client):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(1 << 16):
            data += piece
    return data


def disrupt():
    script = "sleep 61.25 & echo $!; sleep 0.7; kill -KILL $!; wait"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=20)
    return int(done.stdout)
