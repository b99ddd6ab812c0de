#!/usr/bin/env python3
"""What the kernel programs and their readers say, against what really happened. See README.md."""

import argparse
import os
import sys
import time
import traceback

import backfill
import direct
import engine_requests
import footprint
import manager_answers
import manager_calls
import memory_storm
import namespace
import procfs
import recognition
import redaction
import replay
import storms
import unix_sockets
from tally import Difference, Tally
from tools import Tools

SUITES = {
    "processes": direct.processes,
    "signals": direct.signals,
    "oom": direct.oom,
    "sockets": direct.sockets,
    "unix-sockets": unix_sockets.taken_over,
    "namespace": namespace.plain,
    "cgroup-namespace": namespace.with_cgroups,
    "standing": backfill.standing,
    "start": backfill.storm,
    "flood": storms.flood,
    "decisive": storms.decisive,
    "stalled": storms.stalled,
    "overflow": storms.overflow,
    "readers": replay.readers,
    "damaged": replay.damaged,
    "rights": replay.without_rights,
    "procfs": procfs.tier,
    "manager-calls": manager_calls.asked,
    "manager-calls-at-once": manager_calls.at_once,
    "manager-answers": manager_answers.rare,
    "manager-calls-hidden": manager_calls.hidden,
    "manager-calls-nested": manager_calls.nested,
    "engine-requests": engine_requests.asked,
    "recognition": recognition.standing,
    "recognition-storm": recognition.storm,
    "redaction": redaction.nowhere,
    "memory-storm": memory_storm.over_the_collector,
    "footprint": footprint.at_rest,
}


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--culprit", required=True)
    parser.add_argument("--ground-truth", required=True)
    parser.add_argument("--storm", required=True)
    parser.add_argument("--keep", action="store_true", help="leave the recordings and say where they are")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"only these: {' '.join(SUITES)}")
    chosen = parser.parse_args()
    if unknown := set(chosen.suites) - set(SUITES):
        parser.error(f"no such suite: {' '.join(sorted(unknown))}")
    return chosen


def why_not(tools):
    """Why nothing here can be tested, or None."""
    if os.geteuid() != 0:
        return "not root"
    done = tools.run(tools.culprit, "record", "--source", "bpf", "-o", tools.path("probe.culprit"), "--", "true")
    return done.stderr.decode("utf-8", "replace").strip() if done.returncode else None


def run(name, suite, tools, tally):
    """A suite that breaks is a failure, and the others still run."""
    begun = time.monotonic()
    try:
        suite(tools, tally)
    except Exception as error:  # pylint: disable=broad-except
        broken = Difference()
        broken.require(False, f"{type(error).__name__}: {error} {getattr(error, 'stderr', '') or ''}")
        tally.check(f"{name}: runs to its end", broken)
        traceback.print_exc(file=sys.stdout)
    tally.note(f"{name} took {time.monotonic() - begun:.1f} s")


def main():
    chosen = options()
    begun = time.monotonic()
    tally = Tally()
    tools = Tools(chosen.culprit, chosen.ground_truth, chosen.storm)
    try:
        why = why_not(tools)
        for name in chosen.suites or SUITES:
            if why:
                tally.skip(name, why)
            else:
                run(name, SUITES[name], tools, tally)
    finally:
        if chosen.keep:
            print(f"kept in {tools.scratch}")
        else:
            tools.close()
    print(f"{tally.facts} facts compared in {time.monotonic() - begun:.0f} s")
    print(tally.summary())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
