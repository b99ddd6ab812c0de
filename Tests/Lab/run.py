#!/usr/bin/env python3
"""The incident lab: scenarios on a real systemd, the collector's verdicts against what really happened. See README.md."""

import argparse
import concurrent.futures
import contextlib
import gzip
import json
import os
import shutil
import statistics
import sys
import time
import traceback

import containers
import root
from cases import all_cases, is_meant
from collector import Daemon, Recorder
from judge import ACCUSED, MISSED, RIGHT, WRONG, judge
from lab import Lab, sweep
from scene import Scene

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "../../build/lab")
SCENARIOS = os.path.join(HERE, "scenarios")
SOAK = 2  # seconds that the collector has run before anything happens, as it has on a host
COLLECTORS = {"daemon": Daemon, "record": Recorder}


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--culprit", required=True)
    parser.add_argument("--collector", choices=sorted(COLLECTORS), default="daemon")
    parser.add_argument("--hidden", action="store_true", help="the probe of manager calls off: verdicts may only weaken")
    parser.add_argument("--jobs", type=int, default=3, help="labs at the same time")
    parser.add_argument("--containers", action="store_true", help="those with container engines as well: half a GB more")
    parser.add_argument("--times", type=int, default=1, help="each scenario so many times")
    parser.add_argument("--keep", action="store_true", help="leave the lab of one scenario running, and say how to enter it")
    parser.add_argument("--save-fixtures", metavar="DIRECTORY", help="write recordings and truths of what was right")
    parser.add_argument("scenarios", nargs="*", metavar="ID", help="only these; `S22` is all of its cases, `M` all that begin so")
    chosen = parser.parse_args()
    wanted = [word for words in chosen.scenarios for word in words.split(",") if word]
    chosen.cases = [case for case in all_cases(SCENARIOS) if not wanted or any(is_meant(case.name, word) for word in wanted)]
    if not chosen.cases or any(not any(is_meant(case.name, word) for case in chosen.cases) for word in wanted):
        parser.error(f"no such scenario: {' '.join(wanted)}")
    chosen.containers = chosen.containers or bool(wanted)
    if chosen.keep and len(chosen.cases) > 1:
        parser.error("--keep wants one scenario")
    if chosen.save_fixtures:
        chosen.collector = "record"
    return chosen


class Outcome:
    """What came of one case: its state, what it said, how long the incident took."""

    def __init__(self, case, state, findings, verdicts=(), seconds=None, took=0.0):
        self.case, self.state, self.findings, self.verdicts = case, state, findings, verdicts
        self.seconds, self.took = seconds, took

    def show(self):
        after = "" if self.seconds is None else f"  {self.seconds:.1f} s to the incident"
        print(f"{self.case.name:14} {self.state:8} {' | '.join(self.verdicts) or '-'}{after}  ({self.took:.0f} s)")
        for text in self.findings:
            print(f"{'':23} {text[:600]}")
        sys.stdout.flush()


def play(case, chosen, base):
    """One scenario from its boot to its verdict. What breaks in the rig is not right either."""
    begun = time.monotonic()
    lab = Lab(case.name.lower(), base, chosen.culprit)
    try:
        scene = Scene(lab)
        documents, seconds, broken = [], None, []
        try:
            documents, seconds = observe(case, chosen, lab, scene)
        except Exception as error:  # pylint: disable=broad-except
            broken = [f"the scenario broke: {type(error).__name__}: {error}"]
            traceback.print_exc(file=sys.stderr)
        result = judge(scene.truth(), documents, chosen.hidden)
        state = (MISSED if result.state == RIGHT else result.state) if broken else result.state
        outcome = Outcome(case, state, broken + result.findings, result.verdicts, seconds, time.monotonic() - begun)
        keep_evidence(case, chosen, lab, scene, documents, outcome)
        return outcome
    finally:
        if not chosen.keep:
            lab.end()


def observe(case, chosen, lab, scene):
    """Boots, acts; the incidents that the collector then has, and how long they took."""
    collector = COLLECTORS[chosen.collector](lab, scene, chosen.hidden)
    collector.install()
    case.stage(scene)
    lab.boot()
    scene.await_up(SOAK)
    case.act(scene)
    return collector.answers(scene.truth()["expected"])


def keep_evidence(case, chosen, lab, scene, documents, outcome):
    """Everything needed to look into it, of what was not right; and the fixture, of what was."""
    if chosen.keep and lab.is_running():
        print(f"kept: nsenter -t {lab.pid} -a   (files: {lab.work}; the next run sweeps it away)")
    if outcome.state == RIGHT and chosen.save_fixtures:
        os.makedirs(chosen.save_fixtures, exist_ok=True)
        with open(lab.path("state", "lab.culprit"), "rb") as recording:
            packed = gzip.compress(recording.read(), mtime=0)
        with open(os.path.join(chosen.save_fixtures, f"{case.name}.culprit.gz"), "wb") as file:
            file.write(packed)
        with open(os.path.join(chosen.save_fixtures, f"{case.name}.json"), "w", encoding="utf-8") as file:
            json.dump(scene.truth(), file, indent=1, sort_keys=True)
            file.write("\n")
    where = os.path.join(KEPT, case.name + (".hidden" if chosen.hidden else ""))
    shutil.rmtree(where, ignore_errors=True)
    if outcome.state == RIGHT:
        return
    os.makedirs(where)
    for part in ("journal", "state", "stage"):
        with contextlib.suppress(OSError, shutil.Error):  # what lives still comes and goes
            shutil.copytree(lab.path(part), os.path.join(where, part), ignore=ignore_special, dirs_exist_ok=True)
    for name, value in (("truth", scene.truth()), ("incidents", documents), ("findings", outcome.findings)):
        with open(os.path.join(where, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)


def ignore_special(directory, names):
    """Pipes and sockets, which cannot be copied."""
    return [name for name in names if not os.path.isdir(os.path.join(directory, name))
            and not os.path.isfile(os.path.join(directory, name))]


def cases_to_play(chosen):
    """Those that cannot be played are said, and counted as skipped."""
    playable = []
    for case in chosen.cases:
        if case.needs not in (None, chosen.collector):
            print(f"{case.name:14} left out: it needs the {case.needs}")
        elif case.wants_containers and not chosen.containers:
            print(f"{case.name:14} left out: it needs container engines (--containers)")
        elif chosen.hidden and case.is_unasked:
            print(f"{case.name:14} left out: nothing is asked of a manager in it (--hidden)")
        else:
            playable.append(case)
    return playable * chosen.times


def main():
    chosen = options()
    if os.geteuid() != 0:
        print("not root, and the lab needs namespaces\n0 passed, 1 failed, 0 skipped")
        return 1
    begun = time.monotonic()
    sweep()
    base = root.ready()
    cases = cases_to_play(chosen)
    engines = containers.ready(base) if any(case.wants_containers for case in cases) else None
    outcomes = []
    alone = [case for case in cases if case.is_alone]
    for jobs, some in ((chosen.jobs, [case for case in cases if not case.is_alone]), (1, alone)):
        with concurrent.futures.ThreadPoolExecutor(max(1, jobs)) as pool:
            submitted = [pool.submit(play, case, chosen, engines if case.wants_containers else base) for case in some]
            for future in concurrent.futures.as_completed(submitted):
                outcomes.append(future.result())
                outcomes[-1].show()
    counts = {state: sum(outcome.state == state for outcome in outcomes) for state in (RIGHT, WRONG, ACCUSED, MISSED)}
    times = [outcome.seconds for outcome in outcomes if outcome.seconds is not None]
    median = f"{statistics.median(times):.1f} s, longest {max(times):.1f} s" if times else "not known"
    print(
        f"score: {counts[RIGHT]} of {len(outcomes)} right, {counts[WRONG]} wrong, {counts[ACCUSED]} accused wrongly, "
        f"{counts[MISSED]} missed; median time to the incident {median}; {time.monotonic() - begun:.0f} s")
    failed = len(outcomes) - counts[RIGHT]
    print(f"{counts[RIGHT]} passed, {failed} failed, {len(chosen.cases) * chosen.times - len(cases)} skipped")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
