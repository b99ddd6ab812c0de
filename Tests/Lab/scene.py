"""What a scenario stages and does: units, people, agents; and the truth that those write down while they act.

Everything that acts is in the lab and descends from its systemd: people come in through the lab's door by `login`, agents
are started by people. The runner only writes into pipes and files."""

import contextlib
import errno
import json
import os
import shutil
import stat
import time

import root
from bounded import SLOWNESS, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
HOMES = {"root": "/root", **{name: f"/home/{name}" for name in root.USERS}}

# How each agent is installed under a home (its program, the name that it is called by), and what it sets for its children.
AGENTS = {
    "claude-code": {
        "program": ".local/share/claude/versions/2.1.3",
        "name": ".local/bin/claude",
        "markers": ["CLAUDECODE=1", "CLAUDE_CODE_ENTRYPOINT=cli", "CLAUDE_CODE_SESSION_ID={session}"],
    },
    "codex": {
        "program": ".npm-global/lib/node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/codex/codex",
        "name": ".npm-global/bin/codex",
        "markers": ["CODEX_CI=1", "CODEX_THREAD_ID={session}"],
    },
}

UNIT = """\
[Unit]
Description=Stand-in {name}
StartLimitIntervalSec=0
{after}
{unit}

[Service]
Type=notify
ExecStart={prefix}/lab/service {name} {options}
Restart={restart}
RestartSec=200ms
{service}
"""

GATE = """\
[Unit]
Description=The lab's door
After=culprit.service systemd-logind.service systemd-user-sessions.service dbus.service

[Service]
ExecStart=/lab/door
"""


class Scene:
    """`slowness`: how much longer everything takes where it will be acted; that may be elsewhere than where it is staged."""

    def __init__(self, lab, slowness=SLOWNESS):
        self.lab, self.slowness = lab, slowness
        self.expected = []
        self.others = "none"
        self.begun = None
        for name in os.listdir(os.path.join(HERE, "stage")):
            shutil.copy(os.path.join(HERE, "stage", name), lab.path("stage", name))
        with open(self.at("facts"), "w", encoding="utf-8"):
            os.chmod(self.at("facts"), 0o666)
        self.pipe("gate")
        self.system_unit("lab-gate.service", GATE)
        lab.write("etc/systemd/system/user@.service.d/lab.conf", "[Unit]\nAfter=culprit.service\n")

    # Staging, before the boot.

    def seconds(self, number):
        """So many seconds as a text, for a limit within which things have to get done: more of them where all is slow."""
        return f"{number * self.slowness:g}"

    def at(self, name):
        """A file of /lab, seen from the runner."""
        return self.lab.path("stage", name)

    def script(self, name, text, mode=0o755):
        """A program or file of the scenario's, at /lab/NAME."""
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        unfinished = self.at(f"{name}.new")  # some wait for it, and read it as soon as it is there
        with open(unfinished, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(unfinished, mode)
        os.rename(unfinished, self.at(name))

    def config(self, text):
        self.lab.write("etc/culprit/culprit.yaml", text)

    def system_unit(self, name, text, enabled=True):
        self.lab.write(f"etc/systemd/system/{name}", text)
        if enabled:
            self.lab.link(f"etc/systemd/system/multi-user.target.wants/{name}", f"../{name}")

    def user_unit(self, name, text, user="dev", enabled=True):
        where, uid = f"home/{user}/.config/systemd/user", root.USERS[user]
        self.lab.write(f"{where}/{name}", text, uid=uid)
        if enabled:
            self.lab.link(f"{where}/default.target.wants/{name}", f"../{name}", uid=uid)

    def daemon(
        self, name, options="", user=None, enabled=True, restart="on-failure", unit="", service="", is_early=False,
        prefix="",
    ):
        """A service NAME.service of the system or of a user's manager, started at boot after the collector; where it
        `is_early`, nothing orders the two. `prefix` is a command that becomes it."""
        after = "" if user or is_early else "After=culprit.service"
        text = UNIT.format(
            name=name, options=options, restart=restart, unit=unit, service=service, after=after, prefix=prefix)
        if user:
            self.user_unit(f"{name}.service", text, user, enabled)
        else:
            self.system_unit(f"{name}.service", text, enabled)

    def limit_memory(self, mebibytes):
        """A memory cgroup with that limit, for whatever is run by `/lab/in-memory CMD`."""
        self.lab.make_memory_group(mebibytes)

    def job_daemon(self):
        """`atd`, as its unit; `batch` does not wait for the machine to be idle."""
        self.system_unit("atd.service", "[Unit]\nAfter=culprit.service\n[Service]\nExecStart=/usr/sbin/atd -f -l 1000 -b 1\n")

    def install_agent(self, kind, user):
        """The program of a stand-in agent: bash under its path, and the link that it is called by."""
        home, uid = HOMES[user], root.USERS.get(user, 0)
        with open(os.path.join(self.lab.root, "usr/bin/bash"), "rb") as bash:
            self.lab.write(f"{home}/{AGENTS[kind]['program']}", bash.read(), 0o755, uid)
        self.lab.link(f"{home}/{AGENTS[kind]['name']}", f"{home}/{AGENTS[kind]['program']}", uid)

    def collector_waits(self):
        """The collector does not start with the lab; see `start_collector`."""
        os.remove(self.lab.path("files/etc/systemd/system/multi-user.target.wants/culprit.service"))

    def pipe(self, name):
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.at(name))
            os.chmod(self.at(name), 0o666)

    # Acting, after the boot.

    def write_line(self, name, line):
        """One line into a pipe of the lab, once somebody reads it there."""

        def attempt():
            try:
                descriptor = os.open(self.at(name), os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    return False
                raise
            os.write(descriptor, line.encode() + b"\n")
            os.close(descriptor)
            return True

        assert stat.S_ISFIFO(os.stat(self.at(name)).st_mode)
        wait_until(f"nobody reads {name}", attempt)

    def await_up(self, seconds):
        """Until the door is open, and so long after."""
        self.write_line("gate", "")
        self.let_run(seconds)

    def start_collector(self):
        """Long after everything else, and until it is ready."""
        self.lab.inside("systemctl", "start", "culprit.service")

    def let_run(self, seconds=1):
        """For what has been there for a while before it is disrupted. The one wait that is for a time."""
        time.sleep(seconds)

    def cue(self, name, word):
        """Tells the daemon NAME what to do to itself."""
        with open(self.at(f"new.{name}"), "w", encoding="utf-8") as file:
            file.write(word)
        os.chmod(self.at(f"new.{name}"), 0o666)
        os.rename(self.at(f"new.{name}"), self.at(f"cue.{name}"))

    def facts(self, kind, **fields):
        """What was written down so far, oldest first."""
        with open(self.at("facts"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file.read().split("\n")[:-1]]
        return [fact for fact in lines if fact["fact"] == kind and all(fact.get(k) == v for k, v in fields.items())]

    def fact(self, kind, number=0, **fields):
        """The fact with that number, waited for."""
        what = f"no {kind} {fields} is written down ({number + 1} wanted)"
        return wait_until(what, lambda: self.facts(kind, **fields)[number:] or None)[0]

    def fact_after(self, patience, kind):
        """The same where it takes so many seconds."""
        return wait_until(f"no {kind} is written down", lambda: self.facts(kind), patience)[0]

    def service(self, name, number=0):
        """The start of a daemon with that number: 0 is the first."""
        return self.fact("service", number, name=name)

    def actor(self, number=0):
        return self.fact("actor", number)

    def wait_gone(self, fact, *patience):
        """Until that process has ended; within so many seconds."""

        def is_gone():
            with contextlib.suppress(OSError, IndexError):
                with open(f"/proc/{self.lab.pid}/root/proc/{fact['pid']}/stat", encoding="utf-8") as file:
                    state = file.read().rpartition(") ")[2].split()
                return int(state[19]) != fact["start_ticks"] or state[0] == "Z"
            return True

        wait_until(f"{fact} does not end", is_gone, *patience)

    def oom_kills(self):
        """How often the kernel has ended a process in the lab's memory cgroup."""
        with open(os.path.join(self.lab.memory, "memory.oom_control"), encoding="utf-8") as file:
            return int(file.read().rpartition("oom_kill ")[2])

    def wait_down(self):
        """Until the lab has shut itself down."""
        wait_until("the lab does not shut down", lambda: not self.lab.is_running())

    def login(self, name, user):
        """A person's session, through the door."""
        seen = len(self.facts("login"))
        self.pipe(f"tty.{name}")
        self.write_line("gate", f"{name} {user}")
        return Person(self, name, user, self.fact("login", seen), self.fact("leader", seen))

    # The truth.

    def expect(self, unit=None, process=None, user=None, **truth):
        """One incident that must be there. Each keyword is a part of the verdict and holds the right value or a list of
        those that are; see README.md."""
        if unit:
            uid = root.USERS[user] if user else None
            subject = {"kind": "unit", "name": unit, "manager": "user" if user else "system", "uid": uid}
        else:
            subject = {"kind": "process", "name": process}
        self.expected.append({"subject": subject} | truth)

    def allow_others(self, why):
        """Further disruptions are part of the act; they may accuse nobody but those that the truth names."""
        self.others = why

    def truth(self):
        return {"expected": self.expected, "others": self.others}


class Person:
    """Somebody at a terminal: `leader` is the session's (`login`), `shell` the first process that is the person's own.
    Either may be called the session's first process."""

    def __init__(self, scene, name, user, shell, leader):
        self.scene, self.name, self.user, self.shell, self.leader = scene, name, user, shell, leader
        self.first = [shell, leader]

    def type(self, line):
        self.scene.write_line(f"tty.{self.name}", line)

    def close(self):
        """The terminal goes away, as a window that is closed."""
        self.scene.write_line("gate", f"close {self.name}")

    def agent(self, kind, name=None, prefix="{}", through=None):
        """Starts an agent in this session, or as a tool call of the agent `through`; its program was installed by the
        scenario. `prefix` is a command that takes the agent's command line."""
        name = name or kind
        session = f"session-of-{name}"
        markers = " ".join(AGENTS[kind]["markers"]).format(session=session)
        self.scene.pipe(f"agent.{name}")
        command = prefix.format(f"{HOMES[self.user]}/{AGENTS[kind]['name']} /lab/agent {name} {markers}")
        (through.run if through else self.type)(command)
        return Agent(self.scene, kind, name, self.scene.fact("agent", name=name))


class Agent:
    def __init__(self, scene, kind, name, fact):
        self.scene, self.kind, self.name, self.fact = scene, kind, name, fact

    def run(self, line):
        """A tool call."""
        self.scene.write_line(f"agent.{self.name}", line)

    def be_busy(self):
        """Works on something that has nothing to do with production."""
        before = len(self.scene.facts("busy"))
        self.run("/lab/busy")
        self.scene.fact("busy", before)

    @property
    def innocent(self):
        """What an expectation says of an agent that did not do it."""
        return self.fact | {"agent": self.kind}

    def quit(self):
        self.scene.write_line(f"agent.{self.name}", "quit")
        self.scene.fact("quit", name=self.name)
