"""A storm of memory over the collector itself: the daemon shares a memory limit with processes that fill it again and again and
with readers that push everything out of the page cache. It lives, records each kill, and tells of what happens meanwhile."""

import contextlib
import json
import os
import subprocess
import sys
import time

from tally import Difference
from tools import Hangs, read, wait_until

LIMIT = 320 << 20
HOGS = 4
SECONDS = 15
TENANT = ["sleep", "61.75"]
HOG = "held = []\nwhile True:\n    held.append(bytearray(b'1' * (1 << 20)))"
READER = "while :; do cat {} >/dev/null; done"
CONFIGURATION = """
state_dir: {0}/state
runtime_dir: {0}/run
watch: {{ processes: [{{ name: tenant, argv: "sleep 61.75" }}] }}
"""


def memory_group():
    """A memory cgroup of version 1 below our own, with the limit; None where there can be none."""
    own = [line.split(":", 2)[2] for line in read("/proc/self/cgroup").decode().splitlines() if ":memory:" in line]
    mounts = [line.split() for line in read("/proc/mounts").decode().splitlines()]
    roots = [words[1] for words in mounts if words[2] == "cgroup" and "memory" in words[3].split(",")]
    for base in [root + path for root in roots for path in own] + roots:
        path = f"{base.rstrip('/')}/culprit-storm.{os.getpid()}"
        with contextlib.suppress(OSError):
            os.mkdir(path)
            put(f"{path}/memory.limit_in_bytes", LIMIT)
            return path
    return None


def put(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def kills(group):
    return int(dict(line.split() for line in read(f"{group}/memory.oom_control").decode().splitlines())["oom_kill"])


def begin_in(group, stack, words, adjustment=0, **options):
    def enter():
        put(f"{group}/cgroup.procs", os.getpid())
        if adjustment:  # raising it takes no right
            put("/proc/self/oom_score_adj", adjustment)

    process = subprocess.Popen(words, preexec_fn=enter, **options)  # pylint: disable=subprocess-popen-preexec-fn
    stack.callback(end, process)
    return process


def end(process):
    process.kill()
    process.wait()


def press(group, stack):
    """Keeps the group full for a while; how many were begun for that."""
    until, hogs, begun = time.monotonic() + SECONDS, [], 0
    while time.monotonic() < until:
        hogs = [hog for hog in hogs if hog.poll() is None]
        while len(hogs) < HOGS:
            hogs.append(begin_in(group, stack, [sys.executable, "-c", HOG], 900, stderr=subprocess.DEVNULL))
            begun += 1
        time.sleep(0.05)
    return begun


def over_the_collector(tools, tally):
    group = memory_group()
    if group is None:
        tally.skip("a storm of memory over the collector", "no memory cgroup of version 1 can be made here")
        return
    try:
        with contextlib.ExitStack() as stack:
            found = stage(tools, tally, group, stack)
    finally:
        wait_until("the group's end", lambda: not read(f"{group}/cgroup.procs"))
        os.rmdir(group)
    tally.check("a storm of memory over the collector: it lives, each kill recorded, an incident told", found)


def stage(tools, tally, group, stack):
    directory = tools.path("memory-storm")
    os.mkdir(directory)
    config = tools.write("memory-storm.yaml", CONFIGURATION.format(directory))
    large, log, events = (f"{directory}/{name}" for name in ("large", "log", "events"))
    with open(large, "wb") as file:
        file.truncate(2 * LIMIT)
    words = [tools.culprit, "daemon", "--config", config]
    daemon = begin_in(group, stack, words, env=tools.environment, stderr=stack.enter_context(open(log, "wb")))
    wait_until("the daemon", lambda: b"Recording" in read(log))
    words = [tools.culprit, "live", "--config", config, "--format", "json"]
    stack.enter_context(tools.background(*words, stdout=stack.enter_context(open(events, "wb"))))
    # The feed begins when the daemon has taken the client in: until then something is made to happen.
    wait_until("events", lambda: tools.run("true") and read(events))
    tenant = begin_in(group, stack, TENANT)
    before = kills(group)
    with contextlib.ExitStack() as pressers:
        for _ in range(2):
            begin_in(group, pressers, ["sh", "-c", READER.format(large)])
        begun = press(group, pressers)
        killed = time.monotonic()
        end(tenant)
        wait_until("the incident", lambda: daemon.poll() is not None or is_told(tools, config))
        tally.note(f"{begun} hogs; the incident {time.monotonic() - killed:.1f} s after its kill in the storm")
    found = Difference()
    found.require(daemon.poll() is None, "the daemon ended")
    made = kills(group) - before
    found.require(made >= HOGS, f"no storm: {made} kills")
    with contextlib.suppress(Hangs):
        wait_until("the last kill", lambda: read(events).count(b'"type":"oom-victim"') >= made)
    told = [json.loads(line)["type"] for line in read(events).splitlines(keepends=True) if line.endswith(b"\n")]
    found.expect("storm", "OOM kills", made, told.count("oom-victim"))
    found.expect("storm", "gaps", 0, told.count("gap"))
    return found


def is_told(tools, config):
    done = tools.run(tools.culprit, "incidents", "list", "--config", config, "--format", "json")
    return any(each["subject"]["name"] == "tenant" for each in json.loads(done.stdout or b"[]"))
