"""UNIX sockets that listen: whose they are, and that one takes another's name."""

import os
import socket
import subprocess
import sys
import time

from recording import Recording
from tally import Difference

LOOKS = 0.15  # seconds between two looks of the collector, while something happens
TAKE = """
import os, socket, sys
os.unlink(sys.argv[1])
taken = socket.socket(socket.AF_UNIX)
taken.bind(sys.argv[1])
taken.listen()
print("ready", flush=True)
sys.stdin.read()
"""


def let_look():
    """Makes the machine busy for as long as some looks take."""
    end = time.monotonic() + 6 * LOOKS
    while time.monotonic() < end:
        subprocess.run(["true"], check=True)
        time.sleep(LOOKS / 3)


def taken_over(tools, tally):
    out, path = tools.path("unix.culprit"), tools.path("unix.sock")
    with tools.recorder(out):
        own = socket.socket(socket.AF_UNIX)
        own.bind(path)
        own.listen()
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind("\0culprit-test")
        abstract.listen()
        inodes = [os.fstat(one.fileno()).st_ino for one in (own, abstract)]
        let_look()
        with subprocess.Popen([sys.executable, "-c", TAKE, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as taker:
            taker.stdout.readline()
            let_look()
            taker.stdin.close()
            taker.wait()
        own.close()
        abstract.close()
        let_look()
    events = [
        (event["step"], event["name"], event["process"] and event["process"]["pid"])
        for event in Recording.read(tools, out).by_type["unix-socket"]
        if event["name"] in (path, "@culprit-test")
    ]
    found = Difference()
    me = os.getpid()
    for step, name, pid in (
        ("listening", path, me), ("listening", "@culprit-test", me), ("nameless", path, me),
        ("listening", path, taker.pid), ("closed", path, me), ("closed", path, taker.pid), ("closed", "@culprit-test", me),
    ):
        found.expect(f"{step} {name} of {pid}", "events", 1, events.count((step, name, pid)))
    found.expect("unix sockets", "events", 7, len(events))
    seen = {event["socket"] for event in Recording.read(tools, out).by_type["unix-socket"]}
    found.require(seen.issuperset(inodes), f"not the inodes that /proc names: {inodes}")
    tally.check("unix sockets: listening, taken over, closed, and whose", found)
