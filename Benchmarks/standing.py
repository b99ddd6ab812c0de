#!/usr/bin/env python3
"""What sampling costs: the collector beside many processes that do nothing, at rest and while CPU time is short, and
top(1) at the same pace in the same run."""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import run

# How often samples are taken: at rest, and while something is happening.
PACES = {"rest": 10, "short of CPU time": 1}
SPIN = "while :; do :; done"


@contextlib.contextmanager
def standing(count):
    """So many processes more, which sleep."""
    pids = [os.posix_spawn("/bin/sleep", ["sleep", "infinity"], {}) for _ in range(count)]
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        for pid in pids:
            os.waitpid(pid, 0)


@contextlib.contextmanager
def spinning(count):
    """Two for each CPU, so that some task always waits."""
    processes = [subprocess.Popen(["/bin/sh", "-c", SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def watched(args, state, seconds):
    """Shares of one core: ours, and top's at the same time and pace."""
    pace = PACES[state]
    words = ["top", "-b", "-d", str(pace)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as peer:
        try:
            with run.Tracer("culprit", args.tracer, "recording", args.directory, 60) as tracer:
                time.sleep(args.settle)
                figures = []
                for _ in range(args.runs):
                    pids = {"ours": tracer.pids(), "top": [peer.pid]}
                    before, begin = {name: run.cpu_of(list_) for name, list_ in pids.items()}, time.monotonic()
                    time.sleep(seconds)
                    length = time.monotonic() - begin
                    figures.append({name: (run.cpu_of(list_) - before[name]) / length for name, list_ in pids.items()})
                memory = run.memory_of(tracer.pids())
        finally:
            peer.kill()
    return figures, memory


def measure(args, count):
    results = []
    with standing(count):
        total = sum(name.isdigit() for name in os.listdir("/proc"))
        for state, pace in PACES.items():
            load = spinning(2 * (os.cpu_count() or 1)) if pace == 1 else contextlib.nullcontext()
            with load:
                figures, memory = watched(args, state, args.seconds * (2 if pace == 10 else 1))
            results.append({"processes": total, "state": state, "runs": figures, **memory})
    return results


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))}-{form.format(max(values))})"


def show(result):
    runs = result["runs"]
    ours = [figure["ours"] * 100 for figure in runs]
    ratios = [figure["ours"] / figure["top"] for figure in runs if figure["top"]]
    cells = (
        str(result["processes"]), result["state"], spread(ours, "{:.2f} %"),
        spread(ratios, "{:.2f}") if ratios else "-", f"{result['rss_mb']:.1f}", f"{result['anonymous_mb']:.1f}",
    )
    print("  ".join(cell.ljust(width) for cell, width in zip(cells, (9, 17, 24, 18, 6, 6))).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracer", required=True, help="command of the collector; {output} becomes a fresh file")
    parser.add_argument("--counts", default="500,20000", help="processes beside it (default: 500,20000)")
    parser.add_argument("--seconds", type=float, default=20, help="of each run; at rest twice that (default: 20)")
    parser.add_argument("--runs", type=int, default=3, help="of each state (default: 3)")
    parser.add_argument("--settle", type=float, default=12, help="seconds after the start that do not count (default: 12)")
    parser.add_argument("--json", metavar="FILE", help="everything that was measured")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="bench-") as args.directory:
        print("processes  state             share of a core           x top(1)            RSS MB  anon MB")
        for count in map(int, args.counts.split(",")):
            for result in measure(args, count):
                show(result)
                sys.stdout.flush()
                results.append(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"kernel": platform.release(), "cpus": os.cpu_count(), "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
