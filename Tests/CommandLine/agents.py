"""`agents list`: what an agent's tree is, what it did, and what it left behind."""

import contextlib
import json
import os
import signal
import subprocess

from service import Service, wait_until
from tool import case, check

# An agent that forks, signals a stranger, and leaves a listener behind when its input ends.
AGENT = """
python3 -c "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(60)" >port &
echo $! >left
for n in 1 2 3 4 5; do /bin/true; done
kill -CONT $STRANGER
cat >/dev/null
"""


@contextlib.contextmanager
def agent_at_work(tool, name="tester"):
    """The agent, and a process that is not its own; both are gone afterwards, and what it left too."""
    stranger = subprocess.Popen(["sleep", "60"])
    agent = subprocess.Popen(
        ["sh", "-c", AGENT], stdin=subprocess.PIPE, cwd=tool.directory,
        env={**os.environ, "AI_AGENT": name, "STRANGER": str(stranger.pid)})
    try:
        wait_until("the port", lambda: os.path.exists(tool.path("port")) and os.path.getsize(tool.path("port")))
        with open(tool.path("left"), encoding="ascii") as left, open(tool.path("port"), encoding="ascii") as port:
            yield agent, stranger, int(left.read()), int(port.read())
    finally:
        agent.kill()
        agent.communicate()
        stranger.kill()
        stranger.wait()
        with contextlib.suppress(OSError), open(tool.path("left"), encoding="ascii") as left:
            os.kill(int(left.read()), signal.SIGKILL)


def of(listed, pid):
    return next((entry for entry in listed if entry["root"]["pid"] == pid), None)


@case
def a_session_and_what_it_did(tool):
    with Service(tool) as service, agent_at_work(tool) as (agent, stranger, left, port):

        def listed(*options):
            return json.loads(service.ask("agents", "list", "--format", "json", *options).out)

        entry = wait_until("its signal", lambda: (one := of(listed(), agent.pid)) and one["signals"] and one["processes"]["now"] == 3 and one)
        check(entry["agent"]["name"] == "tester" and entry["until"] is None, entry)
        check(entry["processes"]["now"] == 3 and entry["processes"]["ever"] >= 8, entry["processes"])
        check(entry["forks"] >= 7, entry["forks"])
        check([(each["signal"], each["pid"], each["count"]) for each in entry["signals"]] == [(18, stranger.pid, 1)], entry["signals"])
        check([(each["address"], each["pid"]) for each in entry["ports"]] == [(f"127.0.0.1:{port}/tcp", left)], entry["ports"])
        check(entry["usage"]["processes"] == 3 and entry["usage"]["rss"] > 1 << 20, entry["usage"])
        check(entry["leftovers"] == [] and of(listed("--orphans"), agent.pid) is None, "what works is called left over")
        shown = service.ask("agents").out
        for text in ("tester", str(agent.pid), f"127.0.0.1:{port}/tcp", f"SIGCONT to sleep ({stranger.pid})"):
            check(text in shown, f"{text} is not in the table: {shown}")
        agent.communicate()
        entry = wait_until("the end", lambda: of(listed("--orphans"), agent.pid))
        check(entry["until"] and entry["processes"]["now"] == 1, entry)
        check([each["process"]["pid"] for each in entry["leftovers"]] == [left], entry["leftovers"])
        check(entry["leftovers"][0]["usage"]["rss"] > 1 << 20, entry["leftovers"])
        check(f"python3 ({left})" in service.ask("agents", "list", "--orphans").out, "the table does not name it")
        os.kill(left, signal.SIGKILL)
        wait_until("nothing is left", lambda: of(listed("--orphans"), agent.pid) is None)
        check(of(listed(), agent.pid), "what has just ended is not recent")
        check("Nothing is left" in service.ask("agents", "list", "--orphans").out or listed("--orphans"), "")


@case
def a_recording_tells_the_same(tool):
    """Byte for byte each time; memory and CPU were not recorded."""
    tool.succeeds(
        "record", "-o", "x.culprit", "--", "sh", "-c",
        "AI_AGENT=tester sh -c 'sleep 0.6 & for n in 1 2 3; do /bin/true; done; sleep 0.3'; sleep 0.1")
    first, second = (tool.succeeds("agents", "list", "--format", "json", "--from", "x.culprit").out for _ in range(2))
    check(first == second, "two runs differ")
    entry = next(each for each in json.loads(first) if each["agent"]["name"] == "tester")
    check(entry["forks"] >= 4 and entry["until"] and entry["usage"] is None, entry)
    check([each["process"]["comm"] for each in entry["leftovers"]] == ["sleep"], entry["leftovers"])
    shown = tool.succeeds("agents", "list", "--orphans", "--from", "x.culprit").out
    check("left running sleep" in shown, shown)


@case
def without_a_daemon_the_host_is_looked_at(tool):
    config = tool.write("none.yaml", f"runtime_dir: {tool.path('nosuch')}\n")
    with agent_at_work(tool, "looked-at") as (agent, _, left, _):
        for words in (["agents", "list"], ["agents"]):
            shown = tool.succeeds(*words, "--config", config).out
            check("looked-at" in shown and str(agent.pid) in shown, shown)
        listed = json.loads(tool.succeeds("agents", "list", "--format", "json", "--config", config).out)
        entry = of(listed, agent.pid)
        check(entry["processes"]["now"] == 3 and entry["usage"]["rss"] > 0, entry)
