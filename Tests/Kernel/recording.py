"""A recording as its readers show it: the events of `live`, the documents of `report`."""

import collections
import json
import os
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120


def ticks(process):
    return int(process["start_ns"]) * TICKS // 1_000_000_000


def key(process):
    """(pid, ticks), the form in which the truth names a process; None for nobody."""
    return None if process is None else (process["pid"], ticks(process))


def described_key(process):
    """The same for a PROCESS of an incident, whose id is BOOTID:STARTNS:PID."""
    if process is None:
        return None
    _, start, pid = process["id"].rsplit(":", 2)
    return (int(pid), int(start) * TICKS // 1_000_000_000)


class Recording:
    """Events by type and by process; forks by the child."""

    def __init__(self, events):
        self.events = events
        self.forks = collections.defaultdict(list)
        self.by_type = collections.defaultdict(list)
        self.by_process = collections.defaultdict(list)
        for event in events:
            self.by_type[event["type"]].append(event)
            self.by_process[event["type"], key(event["process"])].append(event)
            if event["type"] == "fork":
                self.forks[key(event["child"])].append(event)

    @staticmethod
    def read(tools, path):
        return Recording([json.loads(line) for line in tools.output("live", "--from", path, "--format", "json").splitlines()])

    def of(self, kind, process):
        return self.by_process.get((kind, process), [])

    def forks_of(self, child):
        """The events in which that process was made."""
        return self.forks.get(child, [])

    def lost(self, source):
        """Events of that source that the recording states as lost."""
        return sum(gap["lost"] for gap in self.by_type["gap"] if gap["gap_source"] == source)

    def all_lost(self):
        return sum(gap["lost"] for gap in self.by_type["gap"])

    def tree(self, pid):
        """Keys of the processes under the one that had that pid first, itself included."""
        children = collections.defaultdict(list)
        first = None
        for event in self.by_type["fork"]:
            children[key(event["process"])].append(key(event["child"]))
        for event in self.by_type["seen"] + self.by_type["fork"]:
            process = key(event["process"] if event["type"] == "seen" else event["child"])
            if process[0] == pid:
                first = first or process
        members, waiting = set(), [first] if first else []
        while waiting:
            member = waiting.pop()
            if member not in members:
                members.add(member)
                waiting += children[member]
        return members


class Incidents:
    """All incident documents of a recording, by the victim's key."""

    def __init__(self, documents):
        self.documents = documents
        self.by_victim = collections.defaultdict(list)
        for document in documents:
            ends = [item for item in document["evidence"] if item["kind"] == "exit"]
            for end in ends[-1:]:
                self.by_victim[described_key(end["process"])].append(document)

    def of(self, victim):
        return self.by_victim.get(victim, [])

    @staticmethod
    def read(tools, path):
        listed = json.loads(tools.output("incidents", "list", "--from", path, "--format", "json"))
        running = []
        documents = []
        for incident in listed:
            running.append(
                subprocess.Popen(
                    [tools.culprit, "report", incident["id"], "--from", path, "--format", "json"],
                    stdout=subprocess.PIPE, env=tools.environment))
            if len(running) == 4:
                documents.append(Incidents._finished(running.pop(0)))
        return Incidents(documents + [Incidents._finished(process) for process in running])

    @staticmethod
    def _finished(process):
        output, _ = process.communicate(timeout=PATIENCE)
        return json.loads(output)
