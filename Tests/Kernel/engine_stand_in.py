#!/usr/bin/env python3
"""A stand-in for container engines: listens where they do, and has clients send it what clients of theirs send, in every
way. Runs where /run is its own. `engine_stand_in.py FACTS` writes down who sent what, and what of it is a request."""

import contextlib
import json
import os
import socket
import sys
import threading

DOCKER, PODMAN, USERS = "/run/docker.sock", "/run/podman/podman.sock", "/run/user/1000/docker.sock"
ELSEWHERE = "/run/elsewhere.sock"
WEB = "0123456789abcdef" * 4
TAIL = b" HTTP/1.1\r\nHost: docker\r\nX-Registry-Auth: hunter2\r\nContent-Length: 9\r\n\r\n"
BODY = b'{"Env":["PASSWORD=hunter2"],"Tty":false}'


def line(path, method=b"POST"):
    return method + b" " + path + TAIL


def in_one(connection, text):
    connection.sendall(text)


def in_pieces(connection, text):
    connection.sendmsg([text[:9], text[9:40], text[40:]])


def written(connection, text):
    os.write(connection.fileno(), text)


# Where, how, what; the verb and the container that it asks for, or none.
CASES = [
    (DOCKER, in_one, line(b"/v1.41/containers/" + WEB.encode() + b"/start"), ("start", WEB)),
    (DOCKER, in_pieces, line(b"/v1.41/containers/web-1/exec") + BODY, ("exec", "web-1")),
    (DOCKER, written, line(b"/containers/web.2/restart?t=3"), ("restart", "web.2")),
    (PODMAN, written, line(b"/v4.3.1/libpod/containers/web3/start"), ("start", "web3")),
    (USERS, in_one, line(b"/v1.41/containers/web4/start"), ("start", "web4")),
    (DOCKER, written, line(b"/v1.41/containers/create?name=web") + BODY, None),
    (DOCKER, written, line(b"/v1.41/containers/web/json", b"GET"), None),
    (DOCKER, written, b"hunter2" * 4000, None),
    (ELSEWHERE, written, line(b"/v1.41/containers/web/start"), None),
]


def ticks(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


def listen(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    threading.Thread(target=serve, args=(server,), daemon=True).start()


def serve(server):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection):
    """An answer that looks like a request is none."""
    with contextlib.suppress(OSError):  # a client that left
        while connection.recv(65536):
            connection.sendall(line(b"/containers/answered/start"))


def client(path, send, text):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        send(connection, text)
        connection.recv(1)


def main():
    for path in (DOCKER, PODMAN, USERS, ELSEWHERE):
        listen(path)
    with open(sys.argv[1], "w", encoding="utf-8") as facts:
        for number, (path, _, _, asked) in enumerate(CASES):
            pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, __file__, "--client", str(number)])
            process = [pid, ticks(pid)]
            assert os.waitpid(pid, 0)[1] == 0
            json.dump({"process": process, "address": path, "asked": asked}, facts)
            facts.write("\n")


if sys.argv[1] == "--client":
    client(*CASES[int(sys.argv[2])][:3])
else:
    main()
