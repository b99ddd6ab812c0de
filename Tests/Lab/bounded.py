"""Waiting for things with a limit, and commands with one. Nothing in the lab waits for ever."""

import os
import subprocess
import time

PATIENCE = 30  # seconds after which something in a lab hangs
SLOWNESS = float(os.environ.get("CULPRIT_TEST_SLOWNESS", "1"))  # how much longer everything may take: an emulated machine


class Hangs(Exception):
    """What was waited for never came."""


class Broken(Exception):
    """A command of the rig itself failed."""


def wait_until(what, condition, patience=PATIENCE, pause=0.02):
    """The condition's first true value; raises when it does not come in `patience` seconds."""
    patience *= SLOWNESS
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Hangs(f"{what} ({patience} s)")
        time.sleep(pause)


def run(*words, patience=PATIENCE, check=True, **options):
    """A command's stdout as text; raises with its stderr where it fails or takes too long."""
    try:
        done = subprocess.run(words, capture_output=True, timeout=patience * SLOWNESS, check=False, **options)
    except subprocess.TimeoutExpired as error:
        raise Hangs(f"{' '.join(words)} ({patience * SLOWNESS} s)") from error
    if check and done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-2000:]
        raise Broken(f"{' '.join(words)} ended with {done.returncode}: {said}")
    return done.stdout.decode("utf-8", "replace")
