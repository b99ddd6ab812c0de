"""The collector as its unit in the lab, and its answers: from the daemon, or from the recording of `culprit record`."""

import calendar
import contextlib
import json
import os
import time

from bounded import Broken, Hangs, run, wait_until
from judge import is_subject

SETTLED = 8  # seconds after the act in which every incident has to be there
AFTERWARDS = 1  # seconds in which further ones may come

RECORD = """\
[Unit]
Description=The collector
{unit}

[Service]
Type=exec
ExecStart=/usr/local/bin/culprit record -o /var/lib/culprit/lab.culprit
ExecStartPost=/bin/sh -c 'until grep -q "recording to" /lab/collector.log; do sleep 0.05; done'
StandardError=append:/lab/collector.log
Environment=SWIFT_BACKTRACE=enable=no {environment}
KillSignal=SIGINT
Restart=on-failure
TimeoutStartSec=20
TimeoutStopSec=15

[Install]
WantedBy=multi-user.target
"""


class Collector:
    """Common to both: where the files are, how an answer is asked for."""

    def __init__(self, lab, scene, is_hidden):
        self.lab, self.scene, self.is_hidden = lab, scene, is_hidden

    def environment(self):
        return "CULPRIT_HIDE_MANAGER_CALLS=1" if self.is_hidden else ""

    def documents(self, ask):
        """All incidents in full, oldest first. `ask` runs the program."""
        listed = json.loads(ask("incidents", "list", "--format", "json") or "[]")
        return [json.loads(ask("report", each["id"], "--format", "json")) for each in listed]


class Recorder(Collector):
    """`culprit record`: the verdicts are those of its file, read outside the lab."""

    def install(self):
        self.scene.system_unit("culprit.service", RECORD.format(environment=self.environment(), unit=""))

    @property
    def path(self):
        return self.lab.path("state", "lab.culprit")

    def answers(self, _expected):
        """Lets it settle, stops it, reads. The time to an incident is not known then."""
        if self.lab.is_running():
            time.sleep(SETTLED / 2)
            self.lab.inside("systemctl", "stop", "culprit.service")
        return self.read(self.path), None

    def read(self, path):
        return self.documents(lambda *words: run(self.lab.culprit, *words, "--from", path))


class Daemon(Collector):
    """`culprit daemon` by the unit file of the package: asked by its socket, as its users do; after the lab's end its store."""

    def install(self):
        self.scene.system_unit("culprit.service", packaged("culprit.service"))
        self.lab.write("usr/lib/sysusers.d/culprit.conf", packaged("culprit.sysusers"))
        extra = f"[Service]\nEnvironment=SWIFT_BACKTRACE=enable=no {self.environment()}\n"
        self.lab.write("etc/systemd/system/culprit.service.d/lab.conf", extra)

    def answers(self, expected):
        if not self.lab.is_running():
            return self.from_store(), None
        seconds = self.await_incidents(expected)
        time.sleep(AFTERWARDS)
        return self.documents(self.ask), seconds

    def ask(self, *words):
        return self.lab.inside("culprit", *words)

    def await_incidents(self, expected):
        """Seconds from the last of the disruptions to when all of them were there; None where one is missing."""

        def are_there():
            with contextlib.suppress(Broken):
                listed = json.loads(self.ask("incidents", "list", "--format", "json"))
                if len(listed) >= len(expected) and all(is_listed(each, listed) for each in expected):
                    return listed
            return None

        with contextlib.suppress(Hangs):
            listed = wait_until("an incident is missing", are_there, SETTLED, pause=0.1)
            return time.time() - max((seconds_of(each["disruption"]["at"]) for each in listed), default=time.time())
        return None

    def from_store(self):
        """What survives a shutdown: the store, read as it is found after the next start."""
        configuration = self.lab.path("store.yaml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(f"state_dir: {self.lab.path('state')}\nruntime_dir: {self.lab.path('nowhere')}\n")
        return self.documents(lambda *words: run(self.lab.culprit, *words, "--config", configuration))


def is_listed(expected, listed):
    return any(is_subject(expected["subject"], each["subject"]) for each in listed)


def packaged(name):
    with open(os.path.join(os.path.dirname(__file__), "../../packaging", name), encoding="utf-8") as file:
        return file.read()


def seconds_of(text):
    """Seconds since 1970 of RFC 3339 with nanoseconds, in UTC."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction or 0}")
