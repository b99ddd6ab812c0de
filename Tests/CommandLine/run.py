#!/usr/bin/python3
"""What the command line promises: exit codes, messages, streams, colour, and that recordings replay.

The last line is `N passed, N failed, N skipped`. Exit: 0, or 1 when a test failed or none ran.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agents  # noqa: E402, F401
import commands  # noqa: E402, F401
import daemon  # noqa: E402, F401
import failures  # noqa: E402, F401
import output  # noqa: E402, F401
import recordings  # noqa: E402, F401
import sessions  # noqa: E402, F401
import socket_clients  # noqa: E402, F401
from tool import CASES, Recording, Skip, Tool  # noqa: E402


def run(function, program):
    """`passed`, `failed` or `skipped`, and a reason."""
    directory = tempfile.mkdtemp(prefix="culprit-cli-")
    os.chmod(directory, 0o755)
    try:
        function(Tool(program, directory))
    except Skip as skip:
        return "skipped", str(skip)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return "failed", str(error)
    except Exception as error:  # a test that breaks has not passed
        return "failed", f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return "passed", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--culprit", required=True)
    parser.add_argument("--only", default="", help="part of a test's name")
    arguments = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for function in CASES:
        if arguments.only not in function.__name__:
            continue
        start = time.monotonic()
        result, why = run(function, os.path.abspath(arguments.culprit))
        counts[result] += 1
        seconds = time.monotonic() - start
        print(f"{result:7} {function.__name__} ({seconds:.1f} s)" + (f": {why}" if why else ""), flush=True)
    if Recording.path:
        shutil.rmtree(os.path.dirname(Recording.path), ignore_errors=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(0 if counts["passed"] and not counts["failed"] else 1)


if __name__ == "__main__":
    main()
