#!/usr/bin/env python3
"""The lab's scenarios without a lab: the recordings of right verdicts, read again and judged by the same truth."""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile

from judge import RIGHT, judge

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDINGS = os.path.join(HERE, "Recordings")
SIZE_MAX = 4 << 20  # of all of them, in bytes
PATIENCE = 60
PACKED = ".culprit.gz"


def ask(culprit, *words):
    done = subprocess.run([culprit, *words], capture_output=True, timeout=PATIENCE, check=True)
    return json.loads(done.stdout)


def replay(culprit, name):
    """What is wrong with the verdicts of a recording, as texts."""
    with open(os.path.join(RECORDINGS, f"{name}.json"), encoding="utf-8") as file:
        truth = json.load(file)
    with tempfile.NamedTemporaryFile(suffix=".culprit") as recording:
        with gzip.open(os.path.join(RECORDINGS, name + PACKED)) as packed:
            recording.write(packed.read())
        recording.flush()
        source = ("--format", "json", "--from", recording.name)
        listed = ask(culprit, "incidents", "list", *source)
        documents = [ask(culprit, "report", each["id"], *source) for each in listed]
    result = judge(truth, documents)
    return [] if result.state == RIGHT else [f"{result.state}: {text}" for text in result.findings]


def check(name, findings):
    print(f"{'FAILED' if findings else 'ok':6} {name}", flush=True)
    for text in findings:
        print(f"       {text[:500]}")
    return not findings


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--culprit", required=True)
    culprit = os.path.abspath(parser.parse_args().culprit)
    files = sorted(os.listdir(RECORDINGS))
    names = [name.removesuffix(PACKED) for name in files if name.endswith(PACKED)]
    results = []
    for name in names:
        try:
            findings = replay(culprit, name)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            findings = [f"{type(error).__name__}: {error} {getattr(error, 'stderr', '') or ''}"]
        results.append(check(f"replay of {name}", findings))
    size = sum(os.path.getsize(os.path.join(RECORDINGS, name)) for name in files)
    results.append(check("recordings are small", [] if size <= SIZE_MAX and names else [f"{size} bytes, {len(names)} of them"]))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, 0 skipped")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
