#!/usr/bin/env python3
"""A scenario inside the machine: act.py [--hidden] DIRECTORY ID. It was staged before the boot; this does it, and judges.

The runner descends from no process of the scenario, and no act from the runner, as in a lab."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lab/Tests/Lab"))

from bounded import run  # noqa: E402  pylint: disable=wrong-import-position
from cases import all_cases  # noqa: E402  pylint: disable=wrong-import-position
from collector import Daemon  # noqa: E402  pylint: disable=wrong-import-position
from judge import MISSED, RIGHT, judge  # noqa: E402  pylint: disable=wrong-import-position
from lab import Staging  # noqa: E402  pylint: disable=wrong-import-position
from scene import Scene  # noqa: E402  pylint: disable=wrong-import-position

SOAK = 2  # seconds that the collector has run before anything happens
STATE = "/var/lib/culprit"
PROBE = "bpf:manager-call"


class Here(Staging):
    """The machine as the lab: pid 1 is the host's, /lab is what was staged."""

    pid = 1
    is_staged = False

    def __init__(self):
        super().__init__(tempfile.mkdtemp(), "/", "/usr/local/bin/culprit")

    def path(self, *parts):
        if self.is_staged and parts[0] == "stage":
            return os.path.join("/lab", *parts[1:])
        return super().path(*parts)

    def take_as_staged(self):
        """What `stage` wrote here was only for what the scene remembers of it: the same lies in its place since the boot."""
        shutil.rmtree(self.work)
        self.is_staged = True

    def is_running(self):
        return True

    def inside(self, *words, **options):
        return run(*words, **options)


def is_seen(probe):
    """Whether the collector has that probe on this kernel."""
    sources = json.loads(run("culprit", "status", "--format", "json"))["sources"]
    return any(each["name"] == probe and each["state"] == "active" for each in sources)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", action="store_true")
    parser.add_argument("directory")
    parser.add_argument("scenario")
    chosen = parser.parse_args()
    case = next(case for case in all_cases(chosen.directory) if case.name == chosen.scenario)
    here = Here()
    scene = Scene(here)
    collector = Daemon(here, scene, chosen.hidden)
    collector.install()
    case.stage(scene)
    here.take_as_staged()
    documents, seconds, broken, is_hidden = [], None, [], chosen.hidden
    try:
        scene.await_up(SOAK)
        case.act(scene)
        documents, seconds = collector.answers(scene.truth()["expected"])
        is_hidden = chosen.hidden or not is_seen(PROBE)
    except Exception as error:  # pylint: disable=broad-except
        broken = [f"the scenario broke: {type(error).__name__}: {error}"]
        traceback.print_exc()
    result = judge(scene.truth(), documents, is_hidden)
    state = (MISSED if result.state == RIGHT else result.state) if broken else result.state
    outcome = {"state": state, "findings": broken + result.findings, "verdicts": result.verdicts, "seconds": seconds}
    for name, value in (("outcome", outcome), ("truth", scene.truth()), ("incidents", documents)):
        with open(f"/machine/out/{name}.json", "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
    if state != RIGHT:
        shutil.copytree(STATE, "/machine/out/state", ignore=ignore_special)
    return 0 if state == RIGHT else 1


def ignore_special(directory, names):
    return [name for name in names if not os.path.isdir(os.path.join(directory, name))
            and not os.path.isfile(os.path.join(directory, name))]


sys.exit(main())
