"""UNIX sockets that listen: whose they are, and that one takes another's name."""

import json
import os
import socket
import subprocess
import sys
import time

from recording import Recording
from tally import Difference
from tools import wait_until

TAKE = """
import os, socket, sys
os.unlink(sys.argv[1])
taken = socket.socket(socket.AF_UNIX)
taken.bind(sys.argv[1])
taken.listen()
print("ready", flush=True)
sys.stdin.read()
"""


def await_told(tools, out, *wanted):
    """Makes the machine busy until a look of the collector's has told that; how often it looks, its cost decides."""

    def is_told():
        subprocess.run(["true"], check=True)
        time.sleep(0.05)
        lines = tools.run(tools.culprit, "live", "--from", out, "--format", "json").stdout.splitlines()
        told = {
            (event["step"], event["name"], event["process"] and event["process"]["pid"])
            for event in map(json.loads, lines) if event["type"] == "unix-socket"
        }
        return told.issuperset(wanted)

    wait_until(f"nobody tells {wanted}", is_told)


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
        me = os.getpid()
        await_told(tools, out, ("listening", path, me), ("listening", "@culprit-test", me))
        with subprocess.Popen([sys.executable, "-c", TAKE, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as taker:
            taker.stdout.readline()
            await_told(tools, out, ("nameless", path, me), ("listening", path, taker.pid))
            taker.stdin.close()
            taker.wait()
        await_told(tools, out, ("closed", path, taker.pid))
        own.close()
        abstract.close()
        await_told(tools, out, ("closed", path, me), ("closed", "@culprit-test", me))
    events = [
        (event["step"], event["name"], event["process"] and event["process"]["pid"])
        for event in Recording.read(tools, out).by_type["unix-socket"]
        if event["name"] in (path, "@culprit-test")
    ]
    found = Difference()
    for step, name, pid in (
        ("listening", path, me), ("listening", "@culprit-test", me), ("nameless", path, me),
        ("listening", path, taker.pid), ("closed", path, me), ("closed", path, taker.pid), ("closed", "@culprit-test", me),
    ):
        found.expect(f"{step} {name} of {pid}", "events", 1, events.count((step, name, pid)))
    found.expect("unix sockets", "events", 7, len(events))
    seen = {event["socket"] for event in Recording.read(tools, out).by_type["unix-socket"]}
    found.require(seen.issuperset(inodes), f"not the inodes that /proc names: {inodes}")
    tally.check("unix sockets: listening, taken over, closed, and whose", found)
