#!/usr/bin/env python3
"""The collector on other kernels: each part is one boot of a small machine. See README.md."""

import argparse
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, "../Lab"))

# pylint: disable=wrong-import-position
import kernels  # noqa: E402
import machine  # noqa: E402
import parts  # noqa: E402
import root  # noqa: E402
from bounded import Broken, Hangs  # noqa: E402
from parcel import Parcel  # noqa: E402

KEPT = os.path.join(HERE, "../../build/vm")
KERNELS = ["5.10", "6.1", "6.12", "7.2"]
PARTS = (
    "doctor agents-run kernel S01 S04 S08 S11-reload S11-property S11-person S11-elsewhere V07 V12-orphans V16 V31-agent"
).split()


class Command:
    """Something of one's own, for looking around: its output is all there is."""

    name = "command"

    def __init__(self, text, files, limit):
        self.text, self.files, self.limit = text, files, limit

    def parcel(self, chosen):
        parcel = Parcel(chosen.culprit, self.text, self.limit)
        for path in self.files:
            parcel.add(path, os.path.join("machine", os.path.basename(path)))
        return parcel

    def judge(self, _, results):
        lines = results.text("stdout").splitlines() + results.text("stderr").splitlines()
        return parts.Verdict(passed=int(not results.status), failed=int(results.status != 0), lines=lines)


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--culprit", required=True)
    parser.add_argument("--programs", help="the directory with ground-truth and storm, for `kernel`")
    parser.add_argument("--kernel", action="append", metavar="SERIES", help=f"such as 6.1; else {' '.join(KERNELS)}")
    parser.add_argument("--hidden", action="store_true", help="scenarios with the probe of manager calls off")
    parser.add_argument("--keep", action="store_true", help="what every part left, not only of those that failed")
    parser.add_argument("--command", metavar="SHELL", help="run this in /machine, and nothing else")
    parser.add_argument("--file", action="append", default=[], metavar="PATH", help="for --command: goes to /machine")
    parser.add_argument("--limit", type=int, default=120, help="seconds for --command")
    parser.add_argument("parts", nargs="*", metavar="PART", help="`doctor`, `agents-run`, `kernel`, `kernel:SUITE,...`, ids of scenarios")
    chosen = parser.parse_args()
    chosen.kernel = chosen.kernel or KERNELS
    known = parts.scenarios(chosen.hidden)
    chosen.parts = [part_named(name, known, parser) for name in chosen.parts or PARTS]
    if chosen.command:
        chosen.parts = [Command(chosen.command, chosen.file, chosen.limit)]
    if any(part.name.startswith("kernel") for part in chosen.parts) and not chosen.programs:
        parser.error("`kernel` wants --programs")
    return chosen


def part_named(name, known, parser):
    word, _, suites = name.partition(":")
    if word == "doctor":
        return parts.Doctor()
    if word == "agents-run":
        return parts.AgentsRun()
    if word == "kernel":
        return parts.KernelSuites(suites.split(",") if suites else [])
    if name not in known:
        parser.error(f"no such part: {name}")
    return known[name]


def play(part, kernel, chosen):
    """One part on one kernel; what the rig breaks is said as the rig's, and has not passed."""
    begun = time.monotonic()
    where = os.path.join(KEPT, kernel.series, part.name.replace(":", "."))
    shutil.rmtree(where, ignore_errors=True)
    box = machine.Machine(kernel, chosen.disk, part.parcel(chosen).finish())
    try:
        results = box.run(part.limit)
        verdict = part.judge(kernel, results)
        if verdict.failed or chosen.keep:
            results.save(where)
        if results.boots > 1:
            verdict.lines.append(f"it took {results.boots} starts")
    except machine.Rig as error:
        verdict = parts.Verdict(failed=1, lines=[f"the rig broke: {error}"])
    except machine.Died as error:
        verdict = parts.Verdict(failed=1, lines=[str(error)])
    finally:
        box.end()
    took = time.monotonic() - begun
    print(f"{kernel.series:5} {part.name:10} {verdict.passed} passed, {verdict.failed} failed, "
          f"{verdict.skipped} skipped  ({kernel.release}, {took:.0f} s)")
    for line in "\n".join(verdict.lines).splitlines():
        print(f"{'':16} {line}")
    sys.stdout.flush()
    return verdict


def main():
    chosen = options()
    if os.geteuid() != 0:
        print("not root, and the disk's files have owners\n0 passed, 1 failed, 0 skipped")
        return 1
    if not shutil.which(machine.QEMU):
        print(f"{machine.QEMU} is missing (apt-get install qemu-system-x86)\n0 passed, 1 failed, 0 skipped")
        return 1
    machine.sweep()
    chosen.base = root.ready()
    chosen.disk = machine.disk_image(chosen.base)
    verdicts = []
    for series in chosen.kernel:
        try:
            kernel = kernels.ready(series)
        except (Broken, Hangs) as error:
            print(f"{series:5} cannot be had: {error}")
            verdicts.append(parts.Verdict(failed=1))
            continue
        verdicts += [play(part, kernel, chosen) for part in chosen.parts]
    passed, failed, skipped = (sum(getattr(each, name) for each in verdicts) for name in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
