"""The control socket among clients that mean no good."""

import contextlib
import json
import random
import socket
import subprocess
import time

from service import Service, receive, wait_until
from tool import case, check

REQUESTS = [
    {"v": 1, "ask": "status"}, {"v": 1, "ask": "incidents"}, {"v": 1, "ask": "incident", "id": "latest"},
    {"v": 1, "ask": "annotate", "id": "x", "text": "y"}, {"v": 1, "ask": "agents", "all": True}, {"v": 1, "ask": "sessions", "all": True, "leftovers": False},
    {"v": 1, "ask": "port", "port": 80}, {"v": 1, "ask": "nosuch"}, {"v": 2, "ask": "status"},
]


def is_well(service):
    """It answers, quickly, and still sees what happens."""
    start = time.monotonic()
    check(json.loads(service.ask("status", "--format", "json").out)["state"] == "running", "it does not run")
    check(time.monotonic() - start < 3, f"an answer took {time.monotonic() - start:.1f} s")


@case
def the_protocol_is_what_its_comment_says(tool):
    with Service(tool) as service:
        reply = json.loads(service.exchange(b'{"v":1,"ask":"status"}\n'))
        check(reply["v"] == 1 and reply["ok"]["state"] == "running", reply)
        for request, code in ((b"words\n", 64), (b'{"v":2,"ask":"status"}\n', 64), (b'{"v":1,"ask":"x"}\n', 64),
                              (b'{"v":1,"ask":"incident","id":"nosuch"}\n', 66), (b"x" * 20_000, 64)):
            error = json.loads(service.exchange(request))["error"]
            check(error["code"] == code and error["what"] and error["why"], f"{request[:40]}: {error}")
        check(service.exchange(b"") == b"", "an answer to nothing")


@case
def garbage(tool):
    """A few thousand requests that are none, or nearly: it answers or hangs up, and stays as it was."""
    seed = random.Random(7)
    with Service(tool) as service:
        is_well(service)
        before = service.memory()
        for number in range(4000):
            line = bytearray(json.dumps(seed.choice(REQUESTS)).encode() + b"\n")
            for _ in range(seed.randrange(6)):
                place = seed.randrange(len(line))
                line[place : place + seed.randrange(3)] = seed.randbytes(seed.randrange(4))
            if number % 10 == 0:
                line = seed.randbytes(seed.randrange(30_000))
            with service.connect() as client:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    client.sendall(line)
                    if number % 3 == 0:
                        continue
                    client.shutdown(socket.SHUT_WR)
                data = receive(client)
            for answer in data.splitlines():
                check(json.loads(answer)["v"] == 1, answer[:200])
        is_well(service)
        grown = service.memory() - before
        check(grown < 8 << 20, f"{grown} bytes more than before")


@case
def slow_clients(tool):
    """64 that say nothing, or one byte a second, or do not read: whoever comes after them is served, and nothing is lost."""
    with Service(tool) as service, contextlib.ExitStack() as stack:
        for number in range(64):
            client = stack.enter_context(service.connect())
            client.sendall([b"", b"{", b'{"v":1,"ask":"agents"}\n', b'{"v":1,"ask":"incidents"}\n'][number % 4])
        is_well(service)
        service.disrupt()
        is_well(service)
        lost = json.loads(service.ask("status", "--format", "json").out)["lost_events"]
        check(lost == 0, f"{lost} events lost")


@case
def a_client_has_five_seconds_to_ask(tool):
    with Service(tool) as service, service.connect() as client:
        client.sendall(b'{"v":1,')
        start = time.monotonic()
        check(receive(client) == b"" and 3 < time.monotonic() - start < 9, f"{time.monotonic() - start:.1f} s")


@case
def a_watcher_that_does_not_read(tool):
    """It loses events and is told how many; others do not notice, and memory stays."""
    with Service(tool) as service, service.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b'{"v":1,"ask":"live","json":true}\n')
        wait_until("a watcher", lambda: json.loads(service.ask("status", "--format", "json").out)["watching"] == 1)
        before = service.memory()
        subprocess.run(["sh", "-c", "i=0; while [ $i -lt 3000 ]; do /bin/true; i=$((i+1)); done"], check=True, timeout=120)
        is_well(service)
        check(service.memory() - before < 16 << 20, f"{service.memory() - before} bytes more")
        gap = None
        buffer = b""
        end = time.monotonic() + 30
        while gap is None and time.monotonic() < end:
            buffer += client.recv(1 << 16)
            lines = buffer.split(b"\n")
            buffer = lines.pop()
            for line in lines:
                event = json.loads(line)
                if event.get("type") == "gap" and event.get("gap_source", event.get("of", "")) or b"not shown" in line:
                    gap = event
        check(gap is not None and "not shown" in json.dumps(gap), "it is not told what it missed")
        check(json.loads(service.ask("status", "--format", "json").out)["lost_events"] == 0, "capture lost events")


@case
def only_so_many_watch(tool):
    with Service(tool) as service, contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(service.connect()).sendall(b'{"v":1,"ask":"live"}\n')
        wait_until("eight", lambda: json.loads(service.ask("status", "--format", "json").out)["watching"] == 8)
        tool.fails(69, "live", "--config", service.config, saying=["8 watch already"])
