"""The file that ground-truth writes, checked for being whole."""

import base64
import json


class BrokenTruth(Exception):
    pass


class Truth:
    """Facts by kind; a process of a fact is named by (pid, start in ticks)."""

    def __init__(self, facts):
        self.facts = facts
        self.begin = facts[0]
        self.skipped = self.of("skipped")

    def of(self, kind):
        return [fact for fact in self.facts if fact["kind"] == kind]

    @staticmethod
    def read(path):
        try:
            with open(path, encoding="utf-8") as file:
                facts = [json.loads(line) for line in file]
        except (OSError, ValueError) as error:
            raise BrokenTruth(f"{path}: {error}") from error
        if len(facts) < 2 or facts[0].get("kind") != "begin" or facts[-1].get("kind") != "end":
            raise BrokenTruth(f"{path} has no end: ground-truth did not finish")
        if facts[-1]["facts"] != len(facts) - 2:
            raise BrokenTruth(f"{path}: {facts[-1]['facts']} facts were told, {len(facts) - 2} are there")
        return Truth(facts)


def key(fact, role=""):
    """(pid, ticks) of the process that plays `role` in a fact: "victim", "actor"; "" for the fact's own."""
    pid = fact[role or "pid"]
    ticks = fact[f"{role}_start_ticks" if role else "start_ticks"]
    return None if pid is None else (pid, ticks)


def words(block):
    """The words of an argv block, as a reader of UTF-8 sees them."""
    pieces = block.split(b"\0")
    if not pieces[-1]:
        pieces.pop()
    return [piece.decode("utf-8", "replace") for piece in pieces]


def argv_bytes(fact):
    """The first bytes of the argv (all of it up to 64 KiB), and its last ones."""
    head = base64.b64decode(fact["argv_base64"])
    tail = base64.b64decode(fact.get("argv_tail_base64", "")) or head
    return head, tail
