"""As much of D-Bus as a stand-in for a manager needs; by hand, so that what we parse is not told by our own parser."""

import struct

CALL, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
FIELDS = {1: "path", 2: "interface", 3: "member", 4: "error", 5: "reply_serial", 6: "destination", 7: "sender", 8: "signature"}
TYPES = {1: "o", 2: "s", 3: "s", 4: "s", 5: "u", 6: "s", 7: "s", 8: "g"}
CODES = {name: code for code, name in FIELDS.items()}


def padded(data, alignment):
    return data + b"\0" * (-len(data) % alignment)


def put(data, kind, value, order):
    """Appends one value of a basic type, or of `as` or `a(sv)`."""
    if kind in "so":
        raw = value.encode()
        return padded(data, 4) + struct.pack(order + "I", len(raw)) + raw + b"\0"
    if kind == "g":
        return data + bytes([len(value)]) + value.encode() + b"\0"
    if kind in "ubi":
        return padded(data, 4) + struct.pack(order + ("i" if kind == "i" else "I"), int(value))
    if kind == "t":
        return padded(data, 8) + struct.pack(order + "Q", value)
    raise ValueError(kind)


def message(kind, serial, fields, signature="", values=(), order="<"):
    body = b""
    for letter, value in zip(signature, values):
        body = put(body, letter, value, order)
    if signature:
        fields = dict(fields, signature=signature)
    head = struct.pack(order + "cBBBII", b"l" if order == "<" else b"B", kind, 0, 1, len(body), serial) + b"\0" * 4
    for name, value in fields.items():
        code = CODES[name]
        head = padded(head, 8) + bytes([code, 1]) + TYPES[code].encode() + b"\0"
        head = put(head, TYPES[code], value, order)
    head = head[:12] + struct.pack(order + "I", len(head) - 16) + head[16:]
    return padded(head, 8), body


class Message:
    """The header of a received message, and the leading text of its body."""

    def __init__(self, data):
        self.raw = data
        order = "<" if data[:1] == b"l" else ">"
        self.order, self.kind = order, data[1]
        body, self.serial, fields = struct.unpack(order + "III", data[4:16])
        self.fields = {}
        offset = 16
        while offset < 16 + fields:
            offset += -offset % 8
            code, kind = data[offset], chr(data[offset + 2])
            offset += 4
            if kind == "g":
                length = data[offset]
                value, offset = data[offset + 1:offset + 1 + length].decode(), offset + length + 2
            elif kind == "u":
                value, offset = struct.unpack(order + "I", data[offset:offset + 4])[0], offset + 4
            else:
                length = struct.unpack(order + "I", data[offset:offset + 4])[0]
                value, offset = data[offset + 4:offset + 4 + length].decode(), offset + length + 5
            self.fields[FIELDS.get(code, code)] = value
        self.body = data[16 + fields + (-fields % 8):]
        assert len(self.body) == body

    def get(self, name):
        return self.fields.get(name)

    def texts(self):
        """Arguments as long as they are text."""
        found, offset = [], 0
        for kind in self.get("signature") or "":
            if kind not in "so":
                break
            offset += -offset % 4
            length = struct.unpack(self.order + "I", self.body[offset:offset + 4])[0]
            found.append(self.body[offset + 4:offset + 4 + length].decode())
            offset += length + 5
        return found


def size_of(data):
    """Bytes of the message that begins there, or None where not even that can be said yet."""
    if len(data) < 16:
        return None
    order = "<" if data[:1] == b"l" else ">"
    body, _, fields = struct.unpack(order + "III", data[4:16])
    return 16 + fields + (-fields % 8) + body


class Connection:
    """Whole messages from a stream socket, and to it."""

    def __init__(self, socket):
        self.socket, self.data, self.serial = socket, b"", 0

    def read(self):
        """The next message, None at the end."""
        while (size := size_of(self.data)) is None or len(self.data) < size:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.data += more
        whole, self.data = self.data[:size], self.data[size:]
        return Message(whole)

    def send(self, kind, fields, signature="", values=()):
        self.serial += 1
        head, body = message(kind, self.serial, fields, signature, values)
        self.socket.sendall(head + body)
        return self.serial

    def read_line(self):
        while b"\r\n" not in self.data:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.data += more
        line, self.data = self.data.split(b"\r\n", 1)
        return line

    def accept_authentication(self):
        """The side of the server; a client may send all its lines at once."""
        while (line := self.read_line()) is not None:
            words = line.lstrip(b"\0").split()
            if words[:1] == [b"BEGIN"]:
                return True
            if words[:1] == [b"DATA"] or (words[:1] == [b"AUTH"] and len(words) > 2):
                self.socket.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            elif words[:1] == [b"NEGOTIATE_UNIX_FD"]:
                self.socket.sendall(b"AGREE_UNIX_FD\r\n")
            else:
                self.socket.sendall(b"DATA\r\n")
        return False

    def authenticate(self, uid):
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(uid).encode().hex().encode() + b"\r\n")
        self.read_line()
        self.socket.sendall(b"BEGIN\r\n")
