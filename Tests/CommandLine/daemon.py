"""The daemon: its life, its store, what it says of itself."""

import contextlib
import grp
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

from service import Service, disrupt, wait_until
from tool import NOBODY, Skip, case, check, ends_within, needs_root

READERS = [
    ["report"], ["report", "--format", "json"], ["incidents"], ["incidents", "list", "--format", "json"],
    ["incidents", "show", "2"], ["who", "tenant"],
]


@case
def every_reader_reads_what_the_daemon_saw(tool):
    """Through the socket while it runs, out of the store when it has ended: the same, byte for byte."""
    with Service(tool) as service:
        pid = service.disrupt()
        report = json.loads(service.ask("report", "--format", "json").out)
        check(report["subject"]["name"] == "tenant" and report["disruption"]["kind"] == "killed", report["disruption"])
        check(report["disruption"]["main_pid_before"] == pid, "another process than the one that was killed")
        check("kill" in service.ask("who", str(pid)).out.lower(), "who PID does not answer")
        online = [service.ask(*reader) for reader in READERS]
        check(all(result.err == "" for result in online), "a reader writes to stderr")
        check(service.stop() == 0, "SIGTERM: not exit 0")
        offline = [service.ask(*reader) for reader in READERS]
        for reader, first, second in zip(READERS, online, offline):
            check(first.out == second.out, f"{reader}: the store says something else than the daemon")
            check("does not run" in second.err, f"{reader} does not say that the daemon is down: {second.err!r}")


@case
def it_tells_its_manager(tool):
    for abstract in (False, True):
        with Service(tool, watchdog=400_000, abstract=abstract) as service:
            check(any(line.startswith("STATUS=Recording with ") for line in service.messages), service.messages)
            service.messages.clear()
            wait_until("WATCHDOG=1", lambda: service.said("WATCHDOG=1"), 3)
            check(service.stop(signal.SIGINT) == 0, "SIGINT: not exit 0")
            check(service.said("STOPPING=1"), "STOPPING=1 was not said")


@case
def its_log_has_priorities(tool):
    with Service(tool) as service:
        service.process.send_signal(signal.SIGHUP)
        wait_until("a word on SIGHUP", lambda: "SIGHUP" in service.logged())
        service.disrupt()
        check(service.process.poll() is None, "SIGHUP ends it")
        lines = service.logged().splitlines()
        check(all(line[:1] == "<" and line[1] in "34567" and line[2] == ">" for line in lines), lines)
        check(any(line.startswith("<5>incident ") for line in lines), lines)


@case
def its_memory_stays(tool):
    """What is locked cannot be reclaimed when the machine runs out of memory: its code and data, not all that is mapped."""
    with Service(tool) as service:

        def figures():
            with open(f"/proc/{service.process.pid}/status", encoding="utf-8") as file:
                lines = dict(line.split(":", 1) for line in file)
            return [int(lines[name].split()[0]) for name in ("VmLck", "RssFile")]

        wait_until("locked memory", lambda: figures()[0] > figures()[1] > 1024, 3)


@case
def status_says_how_it_is(tool):
    with Service(tool) as service:
        status = json.loads(service.ask("status", "--format", "json").out)
        check(status["state"] == "running" and status["pid"] == service.process.pid, status)
        check(any(source["name"].startswith("bpf:") for source in status["sources"]), status)
        check(f"pid {service.process.pid}" in service.ask("status").out, "the pid is not shown")
        service.stop()
        tool.fails(3, "status", "--config", service.config, saying=["does not run"])


@case
def one_at_a_time(tool):
    with Service(tool) as service:
        tool.fails(1, "daemon", "--config", service.config, saying=["another one"])
        check(json.loads(service.ask("status", "--format", "json").out)["pid"] == service.process.pid, "the first is gone")


@case
def what_it_makes_is_for_root_and_its_group(tool):
    needs_root()
    with Service(tool) as service:
        service.disrupt()
        modes = {name: os.stat(tool.path(name)).st_mode & 0o7777 for name in ("state", "run", "run/culprit.sock", "state/incidents.db")}
        check(modes == {"state": 0o750, "run": 0o750, "run/culprit.sock": 0o660, "state/incidents.db": 0o640}, modes)
        with contextlib.suppress(KeyError):
            group = grp.getgrnam("culprit").gr_gid
            check(os.stat(tool.path("run/culprit.sock")).st_gid == group, "the socket is not the group's")


@case
def the_managers_directories_are_used(tool):
    """RUNTIME_DIRECTORY and STATE_DIRECTORY, where the configuration leaves the defaults."""
    tool.write("config.yaml", "incidents: { settle: 500ms }\n")
    for name in ("state", "run"):
        os.mkdir(tool.path(name))
    directories = {"STATE_DIRECTORY": tool.path("state"), "RUNTIME_DIRECTORY": tool.path("run")}
    with Service(tool, environment=directories) as service:
        check(os.path.exists(tool.path("run/culprit.sock")), "no socket there")
        wait_until("a store there", lambda: os.path.exists(tool.path("state/incidents.db")))
        check(service.stop() == 0, "not exit 0")
        check(not os.path.exists(tool.path("run/culprit.sock")), "the socket is left behind")


@case
def a_kill_loses_nothing_that_was_stored(tool):
    """kill -9, and again: the store is whole, and the time in between is stated as a gap."""
    with Service(tool) as service:
        service.disrupt()
        first = service.ask("report", "--format", "json").out
        wait_until("it is stored", lambda: json.loads(service.ask("status", "--format", "json").out)["incidents"]["stored"] == 1)
        service.kill()
        check(service.ask("report", "--format", "json").out == first, "the store lost it")
        time.sleep(1.5)
        service.start()
        check("the daemon had died" in service.logged(), service.logged())
        service.disrupt()
        check([entry["id"] for entry in service.listed()][0] == json.loads(first)["id"], "the first is gone")
        second = json.loads(service.ask("report", "latest", "--format", "json").out)
        gaps = [gap for gap in second["completeness"]["gaps"] if gap["source"] == "daemon"]
        check(gaps and "had died" in gaps[0]["why"] and gaps[0]["from"] < gaps[0]["to"], second["completeness"])
        check(second["verdict"]["confidence"] != "proven", "proven across a gap")
        service.stop()
        service.start()
        service.disrupt()
        third = json.loads(service.ask("report", "latest", "--format", "json").out)
        check(any("was stopped" in gap["why"] for gap in third["completeness"]["gaps"]), third["completeness"])


@case
def the_oldest_incidents_go(tool):
    with Service(tool, keep=2) as service:
        for _ in range(2):
            service.disrupt()
        first = service.listed()[0]["id"]
        disrupt()
        wait_until("the oldest goes", lambda: first not in [entry["id"] for entry in service.listed()])
        check(len(service.listed()) == 2, service.listed())


@case
def annotations_are_kept(tool):
    with Service(tool) as service:
        service.disrupt()
        wait_until("it is stored", lambda: json.loads(service.ask("status", "--format", "json").out)["incidents"]["stored"] == 1)
        result = service.ask("incidents", "annotate", "latest", "known: see \x1b[31m 17")
        check("revision 2" in result.err and result.out == "", result.err)
        report = json.loads(service.ask("report", "--format", "json").out)
        notes = [entry for entry in report["timeline"] if entry["source"] == "annotation"]
        check(report["revision"] == 2 and [note["text"] for note in notes] == ["known: see \x1b[31m 17"], notes)
        check(notes[0]["data"]["uid"] == os.geteuid(), notes)
        shown = service.ask("report").out
        check("known: see" in shown and "\x1b" not in shown, "the note is not in the report, or raw")
        tool.fails(66, "incidents", "annotate", "nosuch", "x", "--config", service.config, saying=["nosuch"])
        tool.fails(64, "incidents", "annotate", "latest", "x" * 5000, "--config", service.config, saying=["4096"])
        service.kill()
        check(len(json.loads(service.ask("report", "--format", "json").out)["timeline"]) == len(report["timeline"]), "lost")
        tool.fails(69, "incidents", "annotate", "latest", "x", "--config", service.config, saying=["cannot be reached"])


@case
def a_full_disk(tool):
    """Capture goes on, the incident can be read meanwhile, and is stored when there is room again."""
    needs_root()
    os.mkdir(tool.path("state"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=750", "tmpfs", tool.path("state")], check=False)
    if mounted.returncode != 0:
        raise Skip("tmpfs cannot be mounted here")
    try:
        with Service(tool) as service:
            wait_until("the store", lambda: os.path.exists(tool.path("state/incidents.db-wal")))
            fill(tool.path("state/filler"))
            service.disrupt()
            status = wait_until("trouble", lambda: trouble(service))
            check(status["waiting"] == 1 and "full" in status["trouble"], status)
            check("not stored yet" in service.ask("status").out, "status does not show it")
            check("tenant" in service.ask("who", "tenant").out, "it cannot be read while the disk is full")
            check("capture goes on" in service.logged(), service.logged())
            os.remove(tool.path("state/filler"))
            wait_until("it is stored", lambda: trouble(service) is None and stored(service) == 1, 40)
            check("stored again" in service.logged(), service.logged())
            fill(tool.path("state/filler"))
            check(service.stop() == 0, "a full disk keeps it from ending cleanly")
            os.remove(tool.path("state/filler"))
            check(len(service.listed()) == 1, "the incident is not in the store")
    finally:
        subprocess.run(["umount", tool.path("state")], check=True)


def fill(path):
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def incidents(service):
    return json.loads(service.ask("status", "--format", "json").out)["incidents"]


def trouble(service):
    return incidents(service) if incidents(service)["trouble"] else None


def stored(service):
    return incidents(service)["stored"]


@case
def a_damaged_store_is_moved_aside(tool):
    os.mkdir(tool.path("state"))
    tool.write("state/incidents.db", "this is no database " * 1000)
    with Service(tool) as service:
        wait_until("a word on it", lambda: "a new store is begun" in service.logged())
        service.disrupt()
        aside = [name for name in os.listdir(tool.path("state")) if "damaged" in name]
        check(len(aside) == 1, aside)
        with open(tool.path("state/" + aside[0]), encoding="ascii") as file:
            check(file.read().startswith("this is no database"), "it is not what was there")
        service.stop()
        tool.write("state/incidents.db", "x" * 9000)
        tool.fails(65, "incidents", "--config", service.config, saying=["incidents.db"])


@case
def a_later_store_is_moved_aside(tool):
    with Service(tool) as service:
        service.disrupt()
        service.stop()
        with contextlib.closing(sqlite3.connect(tool.path("state/incidents.db"))) as db:
            db.execute("INSERT INTO grdb_migrations VALUES ('v99')")
            db.commit()
        tool.fails(65, "incidents", "--config", service.config, saying=["later version"])
        service.start()
        wait_until("a word on it", lambda: "later version" in service.logged())
        check(service.listed() == [], "incidents out of nowhere")


@case
def directories_that_cannot_be_used(tool):
    needs_root()
    for state, code in (("/proc/nosuch", 74), (tool.write("file", ""), 74), (tool.path("no/such/parent"), 74)):
        path = tool.write("bad.yaml", f"state_dir: {state}\nruntime_dir: {tool.path('run')}\n")
        tool.fails(code, "daemon", "--config", path, saying=[state])
    os.chmod(tool.directory, 0o755)
    program = shutil.copy(tool.program, tool.path("culprit"))
    tool.program = program
    path = tool.write("config.yaml", f"state_dir: {tool.path('s')}\nruntime_dir: {tool.path('r')}\n")
    tool.fails(77, "daemon", "--config", path, user=NOBODY, saying=["Permission denied"])


@case
def who_may_not_ask(tool):
    """Others than root and the group get 77, whether the daemon runs or only its store is there."""
    needs_root()
    shutil.copy(tool.program, tool.path("culprit"))
    with Service(tool) as service:
        service.disrupt()
        tool.program = tool.path("culprit")
        for command in (["status"], ["incidents"], ["who", "tenant"], ["incidents", "annotate", "latest", "x"]):
            tool.fails(77, *command, "--config", service.config, user=NOBODY, saying=["group culprit"])
        # The door open, the doorkeeper still there.
        os.chmod(tool.path("run"), 0o755)
        os.chmod(tool.path("run/culprit.sock"), 0o666)
        tool.fails(77, "incidents", "--config", service.config, user=NOBODY, saying=[f"uid {NOBODY} may not"])
        service.stop()
        tool.fails(77, "incidents", "--config", service.config, user=NOBODY, saying=["Permission denied"])
        # Who may read the files, and nothing else, reads them.
        os.chmod(tool.path("state"), 0o755)
        for name in os.listdir(tool.path("state")):
            os.chmod(tool.path(f"state/{name}"), 0o644)
        result = tool.succeeds("incidents", "--config", service.config, user=NOBODY)
        check("tenant" in result.out, result.out)


@case
def it_falls_back_without_kernel_programs(tool):
    with Service(tool, options=["--source", "procfs"]) as service:
        status = json.loads(service.ask("status", "--format", "json").out)
        check({"bpf:signal", "missing"} <= {word for source in status["sources"] for word in source.values()}, status)
        check(service.stop() == 0, "not exit 0")


@case
def the_lab_of_a_disruption_in_the_last_moment(tool):
    """What has not settled when SIGTERM comes is judged and stored all the same."""
    with Service(tool) as service:
        disrupt()
        check(service.stop() == 0, "not exit 0")
        check(len(service.listed()) == 1, "the incident of the last moment is lost")


@case
def live_comes_from_the_daemon(tool):
    with Service(tool) as service:
        for form, word in (("compact", "sleep"), ("json", '"sleep"')):
            live = tool.start("live", "--format", form, "--config", service.config)
            wait_until("a watcher", lambda: json.loads(service.ask("status", "--format", "json").out)["watching"] == 1)
            subprocess.run(["sleep", "0.01"], check=True)
            while line := live.stdout.readline():
                if word in line:
                    break
            check(line, f"live {form} ends without the event")
            live.send_signal(signal.SIGINT)
            check(ends_within(live, 10).code == 0, "live does not end cleanly")
            wait_until("it has gone", lambda: json.loads(service.ask("status", "--format", "json").out)["watching"] == 0)
        live = tool.start("live", "--config", service.config)
        wait_until("a watcher", lambda: json.loads(service.ask("status", "--format", "json").out)["watching"] == 1)
        service.stop()
        result = ends_within(live, 10)
        check(result.code == 69 and "has ended" in result.err, f"exit {result.code}, {result.err!r}")


@case
def agents_and_ports_as_the_daemon_sees_them(tool):
    with Service(tool) as service:
        script = "sh -c 'sleep 20 >/dev/null & echo $!'; exec sleep 20"
        agent = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "AI_AGENT": "tester"})
        try:
            orphan = int(agent.stdout.readline())
            wait_until("the orphan is shown", lambda: str(orphan) in service.ask("agents", "tree").out)
            tree = json.loads(service.ask("agents", "tree", "--format", "json").out)
            pids = {node["process"]["pid"] for node in tree}
            check({agent.pid, orphan} <= pids, f"{agent.pid} and its orphan {orphan} are not among {pids}")
        finally:
            agent.kill()
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            agent.communicate()
        server = subprocess.Popen(
            ["python3", "-c", "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(server.stdout.readline())
            answer = wait_until("the port is known", lambda: held(service, port))
            check(f"(pid {server.pid}) listens on 127.0.0.1:{port}/tcp" in answer, answer)
        finally:
            server.communicate()
        tool.fails(66, "who", ":1", "--config", service.config, saying=[":1"])
        tool.fails(66, "who", "nosuch", "--config", service.config, saying=["nosuch"])


def held(service, port):
    result = service.tool.run("who", f":{port}", "--config", service.config)
    return result.out if "listens on" in result.out else None
