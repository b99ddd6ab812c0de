#!/usr/bin/env python3
"""Both ends of connections to a manager and to a bus, which call and answer at times and in ways that are rare but right.
Runs where /run is its own. `answer_stand_in.py FACTS` writes down which calls were sent on which socket, and how often
each was answered; `unread` says how many sends are such that their bytes cannot be read."""

import contextlib
import itertools
import json
import mmap
import os
import socket
import sys
import threading

import dbus_wire as wire

PRIVATE, BUS, PAIR = "/run/systemd/private", "/run/dbus/system_bus_socket", ""
MANAGER, OBJECT = "org.freedesktop.systemd1.Manager", "/org/freedesktop/systemd1"
REFUSED = "org.freedesktop.systemd1.NoSuchUnit"
# More than a socket holds: the sender waits until the other end reads.
LARGE, ROOM = 1 << 20, 1 << 16

serials = itertools.count(1000)


def inode(end):
    return os.fstat(end.fileno()).st_ino


class Case:
    """A connection, and which of its ends calls; the other one answers."""

    listeners = {}

    def __init__(self, name, path, from_listener=False):
        self.name, self.path = name, path
        near, far = socket.socketpair() if path == PAIR else self.connect(path)
        self.caller, self.answerer = (far, near) if from_listener else (near, far)
        self.from_listener = from_listener
        self.calls, self.answers, self.unread = [], [], 0
        self.socket, self.peer = inode(self.caller), inode(self.answerer)
        for end in (near, far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)

    @classmethod
    def connect(cls, path):
        if path not in cls.listeners:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            cls.listeners[path] = socket.socket(socket.AF_UNIX)
            cls.listeners[path].bind(path)
            cls.listeners[path].listen()
        near = socket.socket(socket.AF_UNIX)
        near.connect(path)
        return near, cls.listeners[path].accept()[0]

    def call(self, member="KillUnit", text="web.service", serial=None):
        """The bytes of a call that is recorded."""
        serial = next(serials) if serial is None else serial
        fields = {"path": OBJECT, "interface": MANAGER, "member": member, "destination": "org.freedesktop.systemd1"}
        if not member.startswith("Get"):
            self.calls.append(serial)
        return serial, b"".join(wire.message(wire.CALL, serial, fields, "s", [text]))

    def answer(self, serial, error=None, text=None, order="<"):
        """The bytes of an answer that belongs to it."""
        self.answers.append([serial, error])
        fields = {"reply_serial": serial} | ({"error": error} if error else {})
        kind = wire.ERROR if error else wire.REPLY
        return b"".join(wire.message(kind, next(serials), fields, "s" if text else "", [text] if text else [], order))

    def pass_on(self, data):
        """A call as it is, all of it received."""
        self.caller.sendall(data)
        receive(self.answerer, len(data))

    def fact(self):
        return {"case": self.name, "path": self.path, "from_listener": self.from_listener, "unread": self.unread,
                "socket": self.socket, "peer": self.peer, "calls": self.calls, "answers": self.answers}


def receive(end, size):
    while size > 0:
        size -= len(end.recv(min(size, ROOM)))


def early(name, path, from_listener, error):
    """Answered while the call is being sent: its beginning is there, and its sender waits for room."""
    case = Case(name, path, from_listener)
    serial, data = case.call(text="w" * LARGE)
    sender = threading.Thread(target=case.caller.sendall, args=(data,))
    sender.start()
    receive(case.answerer, 1)
    case.answerer.sendall(case.answer(serial, error))
    receive(case.answerer, len(data) - 1)
    sender.join()
    return case


def plain(name, path, **how):
    case = Case(name, path)
    serial, data = case.call()
    case.pass_on(data)
    case.answerer.sendall(case.answer(serial, **how))
    return case


def in_pieces():
    case = Case("an answer in pieces", PRIVATE)
    serial, data = case.call()
    case.pass_on(data)
    whole = case.answer(serial)
    case.answerer.sendmsg([whole[:3], whole[3:17], whole[17:]])
    return case


def behind_signal():
    case = Case("an answer behind a signal", PRIVATE)
    serial, data = case.call()
    case.pass_on(data)
    told = {"path": OBJECT, "interface": MANAGER, "member": "UnitNew"}
    case.answerer.sendall(b"".join(wire.message(wire.SIGNAL, next(serials), told, "s", ["web.service"])) + case.answer(serial))
    return case


def pipelined():
    case = Case("calls that are sent together", BUS)
    made = [case.call(member) for member in ("KillUnit", "GetUnit", "ResetFailedUnit")]
    case.pass_on(b"\0AUTH EXTERNAL 30\r\nBEGIN\r\n" + b"".join(data for _, data in made))
    case.answerer.sendall(case.answer(made[0][0], REFUSED))
    case.answerer.sendall(case.answer(made[2][0]))
    return case


def too_many():
    case = Case("more calls together than are looked at", BUS)
    made = [case.call(text=f"web-{number}.service") for number in range(9)]
    case.pass_on(b"".join(data for _, data in made))
    for serial, _ in made:
        case.answerer.sendall(case.answer(serial))
    case.unread = 1
    return case


def same_serial():
    case = Case("a serial that two clients of a bus have", BUS, from_listener=True)
    serial = next(serials)
    for text in ("web.service", "other.service"):
        case.pass_on(case.call(text=text, serial=serial)[1])
    for _ in range(2):
        case.answerer.sendall(case.answer(serial))
    return case


def in_two_sends():
    case = Case("a call in two sends", PRIVATE)
    serial, data = case.call()
    case.pass_on(data[:40])
    case.pass_on(data[40:])
    case.answerer.sendall(case.answer(serial))
    case.unread = 1
    return case


def unreadable():
    """The first page of an answer is gone when the send ends."""
    case = Case("an answer that is gone from memory", PRIVATE)
    serial, data = case.call()
    case.pass_on(data)
    whole = case.answer(serial, text="w" * LARGE)
    memory = mmap.mmap(-1, 2 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory[:len(whole)] = whole
    sender = threading.Thread(target=case.answerer.sendall, args=(memoryview(memory)[:len(whole)],))
    sender.start()
    receive(case.caller, 1)
    memory.madvise(mmap.MADV_DONTNEED, 0, mmap.PAGESIZE)
    receive(case.caller, len(whole) - 1)
    sender.join()
    case.unread = 1
    return case


def to_closed():
    """The caller is gone when the send of its answer ends."""
    case = Case("an answer whose caller is gone", BUS)
    serial, data = case.call()
    case.pass_on(data)
    whole = case.answer(serial, text="w" * LARGE)

    def answer():
        with contextlib.suppress(BrokenPipeError):
            case.answerer.sendall(whole)

    sender = threading.Thread(target=answer)
    sender.start()
    receive(case.caller, 1)
    case.caller.close()
    sender.join()
    return case


def of_former_connection():
    """What was refused on connections that are closed, whose place in the kernel's memory the next may have."""
    for _ in range(40):
        former = Case("", BUS)
        serial, data = former.call("GetUnit", serial=1)
        former.pass_on(data)
        former.answerer.sendall(former.answer(serial, error="org.example.Former"))
        former.caller.close()
        former.answerer.close()
    case = Case("a serial that former connections had", BUS)
    case.pass_on(case.call(serial=1)[1])
    case.answerer.sendall(case.answer(1))
    return case


def only_reads():
    """Neither the call nor its answer is anything that counts."""
    case = Case("a call that only reads", BUS)
    serial, data = case.call("GetUnit")
    case.pass_on(data)
    case.answerer.sendall(case.answer(serial, REFUSED))
    case.answers.clear()
    return case


def main():
    cases = [
        early(f"{'a refusal' if error else 'a reply'} before the call is sent, {path or 'a pair'} {by_listener}", path,
              by_listener, error)
        for path, by_listener in ((PRIVATE, False), (BUS, False), (BUS, True), (PAIR, False)) for error in (None, REFUSED)
    ]
    cases += [
        plain("a reply", PRIVATE), plain("a refusal", BUS, error=REFUSED),
        plain("a refusal in the other byte order", BUS, error=REFUSED, order=">"), in_pieces(), behind_signal(), pipelined(),
        too_many(), same_serial(), in_two_sends(), unreadable(), only_reads(),
        to_closed(), of_former_connection(),
    ]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        for case in cases:
            file.write(json.dumps(case.fact()) + "\n")


main()
