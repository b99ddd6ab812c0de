#!/usr/bin/env python3
"""A stand-in for the service managers of a host, and real clients that call it. Runs where /run is its own.

It listens where managers do, and is behind a real dbus-daemon; it answers as systemd does and writes down what it was
asked and what it answered: `stand_in.py FACTS [CAPTURES]`. With `stand_in.py FACTS --many COUNT` some clients make that
many calls each, all at once; each of them is `stand_in.py --client PATH COUNT`.
"""

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading

import dbus_wire as wire

SYSTEM, USER = "/run/systemd/private", "/run/user/0/systemd/private"
BUS = "/run/dbus/system_bus_socket"
MANAGER = "org.freedesktop.systemd1.Manager"
OBJECT = "/org/freedesktop/systemd1"

BUS_CONFIGURATION = """<busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
""" % BUS


def ticks(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


class Manager:
    """Answers calls; a unit whose name begins with `refused` is refused. Each job has a number of its own."""

    JOBS = ("Start", "Stop", "Restart", "TryRestart", "ReloadOrRestart", "StartTransient")

    def __init__(self, captures):
        self.jobs, self.asked, self.lock = itertools.count(100), [], threading.Lock()
        self.captures = captures

    def answer(self, connection, call, address):
        member = call.get("member")
        back = {"reply_serial": call.serial}
        if call.get("sender"):
            back["destination"] = call.get("sender")
        fact = {"member": member, "address": address, "serial": call.serial, "path": call.get("path"),
                "interface": call.get("interface"), "texts": call.texts(), "job": None, "error": None}
        with self.lock:
            self.asked.append(fact)
            if self.captures:
                with open(os.path.join(self.captures, f"{len(self.asked):02}-{member}"), "wb") as file:
                    file.write(call.raw)
        if self.is_job(call):
            unit = (call.texts() or [""])[0]
            if unit.startswith("refused"):
                fact["error"] = "org.freedesktop.systemd1.NoSuchUnit"
                connection.send(wire.ERROR, dict(back, error=fact["error"]), "s", ["no such unit"])
            else:
                fact["job"] = next(self.jobs)
                connection.send(wire.REPLY, back, "o", [f"{OBJECT}/job/{fact['job']}"])
                if unit.endswith(".timer"):  # systemd-run waits until it is there
                    done = {"path": OBJECT, "interface": MANAGER, "member": "JobRemoved"}
                    connection.send(wire.SIGNAL, done, "uoss", [fact["job"], f"{OBJECT}/job/{fact['job']}", unit, "done"])
        elif member == "GetUnit":
            connection.send(wire.REPLY, back, "o", [f"{OBJECT}/unit/{call.texts()[0].replace('.', '_2e')}"])
        elif call.get("interface") == "org.freedesktop.DBus.Properties":
            connection.send(wire.ERROR, dict(back, error="org.freedesktop.DBus.Error.UnknownProperty"), "s", ["none"])
        else:
            connection.send(wire.REPLY, back)

    def is_job(self, call):
        if call.get("interface") in (MANAGER, None):
            return (call.get("member") or "").replace("Unit", "") in self.JOBS
        return call.get("interface") == "org.freedesktop.systemd1.Unit" and call.get("member") in self.JOBS

    def serve(self, connection, address):
        with contextlib.suppress(OSError):
            while (call := connection.read()) is not None:
                if call.kind == wire.CALL:
                    self.answer(connection, call, address)

    def listen(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()

        def accept():
            while True:
                connection = wire.Connection(listener.accept()[0])
                threading.Thread(target=self.one, args=(connection, path), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def one(self, connection, path):
        if connection.accept_authentication():
            self.serve(connection, path)

    def join_bus(self):
        connection = client(BUS)
        for name in ("org.freedesktop.systemd1", "org.freedesktop.login1"):
            connection.send(wire.CALL, {"path": "/org/freedesktop/DBus", "destination": "org.freedesktop.DBus",
                                        "interface": "org.freedesktop.DBus", "member": "RequestName"}, "su", [name, 0])
            while connection.read().kind != wire.REPLY:
                pass
        threading.Thread(target=self.serve, args=(connection, BUS), daemon=True).start()


def client(path):
    """Connected to a bus and greeted."""
    connection = wire.Connection(socket.socket(socket.AF_UNIX))
    connection.socket.connect(path)
    connection.authenticate(os.geteuid())
    connection.send(wire.CALL, {"path": "/org/freedesktop/DBus", "destination": "org.freedesktop.DBus",
                                "interface": "org.freedesktop.DBus", "member": "Hello"})
    while connection.read().kind != wire.REPLY:
        pass
    return connection


# What a program of one's own may send in ways that no library does.
ODD = r"""
import os, socket, sys
sys.path.insert(0, sys.argv[3])
import dbus_wire as wire
how, path = sys.argv[1:3]
if how == "pair":
    to, other = socket.socketpair()
    fields = {"path": "/org/freedesktop/systemd1", "interface": "org.freedesktop.systemd1.Manager", "member": "RestartUnit"}
    to.sendmsg(wire.message(wire.CALL, 7, fields, "ss", ["pair.service", "replace"]))
    other.sendmsg(wire.message(wire.REPLY, 1, {"reply_serial": 7}, "o", ["/org/freedesktop/systemd1/job/99"]))
    sys.exit()
to = socket.socket(socket.AF_UNIX)
to.settimeout(20)
to.connect(path)
answers = wire.Connection(to)
auth = b"\0AUTH EXTERNAL 30\r\nBEGIN\r\n"
order = ">" if how == "big" else "<"
fields = {"path": "/org/freedesktop/systemd1", "interface": "org.freedesktop.systemd1.Manager", "member": "RestartUnit"}
if how == "bare":
    del fields["interface"]
head, body = wire.message(wire.CALL, 7, fields, "ss", [how + ".service", "replace"], order)
if how == "pipelined":
    first = wire.message(wire.CALL, 6, dict(fields, member="GetUnit"), "s", ["x.service"])
    to.sendall(auth + b"".join(first) + head + body)
    answers.read_line()
else:
    to.sendall(auth)
    answers.read_line()
    if how == "pieces":
        whole = head + body
        os.writev(to.fileno(), [whole[:3], whole[3:17], whole[17:40], whole[40:]])
    elif how == "write":
        os.write(to.fileno(), head + body)
    else:
        to.sendmsg([head, body])
while answers.read().get("reply_serial") != 7:
    pass
"""


def calls(here):
    """Words of each client, and what it asks for: member, unit."""
    systemctl = ["systemctl", "--no-block"]
    user = ["systemctl", "--user", "--no-block"]
    bus = ["org.freedesktop.systemd1", OBJECT, MANAGER]
    unit = f"{OBJECT}/unit/by_2dpath_2eservice"
    yield [*systemctl, "restart", "web.service"], "RestartUnit", "web.service"
    yield [*systemctl, "stop", "refused.service"], "StopUnit", "refused.service"
    yield [*systemctl, "start", "web@a-b.service"], "StartUnit", "web@a-b.service"
    yield ["systemctl", "kill", "-s", "USR1", "web.service"], "KillUnit", "web.service"
    secret = "Environment=PASSWORD=hunter2"
    yield ["systemctl", "set-property", "--runtime", "web.service", "MemoryMax=64M"], "SetUnitProperties", "web.service"
    yield ["systemctl", "daemon-reload"], "Reload", None
    yield ["systemctl", "reset-failed", "web.service"], "ResetFailedUnit", "web.service"
    yield [*user, "restart", "user.service"], "RestartUnit", "user.service"
    yield ["systemd-run", "--no-block", "--unit=made", "--setenv=TOKEN=hunter2", "-p", secret, "-p", "MemoryMax=64M", "--",
           "true", "--password=hunter2", "--token", "hunter2"], "StartTransientUnit", "made.service"
    yield ["systemctl", "set-environment", "API_KEY=hunter2"], "SetEnvironment", None
    yield ["busctl", "call", *bus, "RestartUnit", "ss", "PASSWORD=hunter2", "replace"], "RestartUnit", None
    yield ["systemd-run", "--no-block", "--unit=later", "--on-active=1h", "-p", secret, "true", "--password=hunter2"], "StartTransientUnit", "later.timer"
    yield ["busctl", "call", *bus, "StopUnit", "ss", "by-busctl.service", "fail"], "StopUnit", "by-busctl.service"
    yield ["busctl", "call", *bus, "StopUnit", "ss", "refused-2.service", "fail"], "StopUnit", "refused-2.service"
    yield ["busctl", "call", bus[0], unit, "org.freedesktop.systemd1.Unit", "Restart", "s", "replace"], "Restart", "by-path.service"
    yield ["dbus-send", "--system", "--print-reply", f"--dest={bus[0]}", OBJECT, MANAGER + ".RestartUnit",
           "string:by-dbus-send.service", "string:replace"], "RestartUnit", "by-dbus-send.service"
    yield ["gdbus", "call", "--system", "--dest", bus[0], "--object-path", OBJECT, "--method", MANAGER + ".StartUnit",
           "by-gdbus.service", "replace"], "StartUnit", "by-gdbus.service"
    yield ["busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
           "TerminateUser", "u", "1000"], "TerminateUser", None
    for how in ("sendmsg", "pieces", "write", "big", "bare", "pipelined", "pair"):
        yield [sys.executable, "-c", ODD, how, SYSTEM, here], "RestartUnit", f"{how}.service"


def run(words, environment):
    """Runs a client to its end; (pid, ticks) while it can still be asked, and its exit code."""
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        who = [process.pid, ticks(process.pid)]
        try:
            _, message = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            message = b"hangs"
        return who, process.returncode, message.decode("utf-8", "replace")


def call_all(manager, write):
    """Each client after the other."""
    environment = {"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": "/run/user/0", "LANG": "C.UTF-8"}
    for words, member, unit in calls(os.path.dirname(os.path.abspath(__file__))):
        if shutil.which(words[0]) is None:
            write(kind="skipped", case=words[0], why=f"{words[0]} is not installed")
            continue
        before = len(manager.asked)
        who, code, message = run(words, environment)
        asked = [fact for fact in manager.asked[before:] if fact["member"] == member]
        write(kind="call", words=[word for word in words if "\n" not in word], process=who, code=code, message=message,
              member=member, unit=unit, asked=asked)


def call_at_once(count, write):
    """More clients than processors, so that senders are taken off theirs between a send and its end."""
    clients = [(path, subprocess.Popen([sys.executable, __file__, "--client", path, count])) for path in (SYSTEM, BUS) * 3]
    for path, process in clients:
        write(kind="many", process=[process.pid, ticks(process.pid)], address=path, calls=int(count))
    for _, process in clients:
        if process.wait() != 0:
            raise SystemExit("a client broke")


def call_many(path, count):
    """Calls one by one, each answered before the next: with a job, with an error, with nothing."""
    if path == BUS:
        connection = client(path)
    else:
        connection = wire.Connection(socket.socket(socket.AF_UNIX))
        connection.socket.connect(path)
        connection.authenticate(os.geteuid())
    fields = {"path": OBJECT, "interface": MANAGER, "destination": "org.freedesktop.systemd1"}
    asks = (("RestartUnit", "many"), ("StopUnit", "refused"), ("KillUnit", "done"))
    for number in range(count):
        member, unit = asks[number % len(asks)]
        serial = connection.send(wire.CALL, dict(fields, member=member), "ss", [f"{unit}-{number}.service", "replace"])
        while connection.read().get("reply_serial") != serial:
            pass


def serve_and(act, captures=None):
    """A manager and a bus; `act` gets the manager, and what writes down who those two are."""
    manager = Manager(captures)
    os.makedirs("/run/systemd/system")
    for path in (SYSTEM, USER):
        manager.listen(path)
    os.makedirs(os.path.dirname(BUS))
    with open("/run/bus.conf", "w", encoding="utf-8") as file:
        file.write(BUS_CONFIGURATION)
    daemon = subprocess.Popen(["dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--print-address=1"], stdout=-1)
    daemon.stdout.readline()
    manager.join_bus()
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        def write(**fact):
            file.write(json.dumps(fact) + "\n")

        write(kind="daemon", process=[daemon.pid, ticks(daemon.pid)], manager=[os.getpid(), ticks(os.getpid())])
        act(manager, write)
    daemon.terminate()
    daemon.wait()


def main():
    if sys.argv[1] == "--client":
        call_many(sys.argv[2], int(sys.argv[3]))
    elif "--many" in sys.argv:
        serve_and(lambda _, write: call_at_once(sys.argv[3], write))
    else:
        serve_and(call_all, sys.argv[2] if len(sys.argv) > 2 else None)


main()
