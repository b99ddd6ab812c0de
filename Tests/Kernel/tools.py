"""Starting and stopping what a test needs; everything started here is ended here, by its pid."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

# Seconds after which something hangs; no verdict depends on how long anything takes. More on an emulated machine.
PATIENCE = 120 * float(os.environ.get("CULPRIT_TEST_SLOWNESS", "1"))


class Hangs(Exception):
    pass


def wait_until(what, condition):
    """The condition's first true value; raises when it never comes."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Hangs(what)
        time.sleep(0.01)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def start_ticks(pid, proc="/proc"):
    return int(read(f"{proc}/{pid}/stat").rpartition(b")")[2].split()[19])


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def find_process(word):
    """A process that has exactly this word in its argv, looked for until it is there."""

    def look():
        for pid in processes():
            with contextlib.suppress(OSError):
                if word.encode() in read(f"/proc/{pid}/cmdline").split(b"\0"):
                    return pid
        return None

    return wait_until(f"no process has {word} in its argv", look)


class Tools:
    """Paths of the programs, a scratch directory, and an environment without any agent's marker."""

    def __init__(self, culprit, ground_truth, storm):
        self.culprit, self.ground_truth, self.storm = (os.path.abspath(p) for p in (culprit, ground_truth, storm))
        self.scratch = tempfile.mkdtemp(prefix="culprit-kernel-")
        os.chmod(self.scratch, 0o755)
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LANG": "C.UTF-8", "TMPDIR": self.scratch,
            "SWIFT_BACKTRACE": "enable=no",
        }
        self.config = self.write("config.yaml", CONFIGURATION)

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.scratch, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def run(self, *words, environment=None, **options):
        """Runs a command to its end; its exit code, stdout and stderr."""
        return subprocess.run(
            words, env=self.environment | (environment or {}), capture_output=True, timeout=PATIENCE, check=False, **options)

    def output(self, *words):
        """What `culprit` prints, where it must succeed."""
        done = self.run(self.culprit, *words)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
        return done.stdout.decode("utf-8")

    def stage(self, kind, out, *words, prefix=(), environment=None):
        """Runs ground-truth; its exit code (77: nothing could be staged)."""
        done = self.run(*prefix, self.ground_truth, kind, "--out", out, *words, environment=environment)
        if done.returncode not in (0, 77):
            raise subprocess.CalledProcessError(done.returncode, kind, done.stdout, done.stderr)
        return done.returncode

    @contextlib.contextmanager
    def background(self, *words, environment=None, **options):
        """A command beside the test; killed at the end where it still runs."""
        with subprocess.Popen(words, env=self.environment | (environment or {}), **options) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    @contextlib.contextmanager
    def recorder(self, out, *options, prefix=()):
        """`culprit record` for as long as the block lasts; it is attached when the block begins."""
        words = [*prefix, self.culprit, "record", "-o", out, "--config", self.config, *options]
        recorder = Recorder(words, self.environment)
        try:
            recorder.await_attached()
            yield recorder
            recorder.stop()
        finally:
            recorder.kill()


class Recorder:
    def __init__(self, words, environment):
        self.begun = time.monotonic()
        self.lines = []
        self.attached_after = None
        self.process = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self._listen, daemon=True)
        self.reader.start()

    def _listen(self):
        for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip())
            if self.attached_after is None and "recording to" in self.lines[-1]:
                self.attached_after = time.monotonic() - self.begun

    def await_attached(self):
        wait_until("the recorder does not attach", lambda: self.attached_after or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise Hangs(f"the recorder ended: {self.lines}")

    def stop(self):
        """Ends it as Ctrl-C does, and waits for the file to be closed."""
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Hangs(f"the recorder does not stop: {self.lines[-3:]}") from error
        if code:
            raise Hangs(f"the recorder ended with {code}: {self.lines[-3:]}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stderr.close()


# The markers that ground-truth plants must all be known, or the whitelist would rightly drop them.
CONFIGURATION = """\
incidents: { settle: 200ms }
watch:
  processes:
    - { name: victims, argv: "victim-*" }
    - { name: holders, argv: "oom-*" }
agents:
  - { name: entry-point, exe: "/nowhere/a", env: CLAUDE_CODE_ENTRYPOINT }
  - { name: sandbox, exe: "/nowhere/b", env: CODEX_SANDBOX }
  - { name: gemini, exe: "/nowhere/c", env: GEMINI_CLI }
"""
