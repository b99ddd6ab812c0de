"""What the collector says against the truth that the scenario wrote down. Knows nothing of any one scenario."""

import json
import os

TICKS = os.sysconf("SC_CLK_TCK")

RIGHT, WRONG, ACCUSED, MISSED = "right", "wrong", "accused", "missed"

# What is known only by what was said to a manager: with those bytes hidden it may be guessed, and never proven.
BY_REQUEST = {"manager-request", "dependency", "scheduled", "host-shutdown"}

# What an entry of the evidence or the timeline may name as its source: users' tools know these and no others.
SOURCES = {"bpf", "journal", "systemd", "procfs", "psi", "cgroup", "gate", "annotation"}


def process_key(process):
    """(pid, ticks) of a fact or of a PROCESS, whose id is BOOTID:STARTNS:PID. A bare pid names nothing."""
    if process is None:
        return None
    if "start_ticks" in process:
        return process["pid"], process["start_ticks"]
    _, start, pid = process["id"].rsplit(":", 2)
    return int(pid), int(start) * TICKS // 1_000_000_000


def several(value):
    return value if isinstance(value, list) else [value]


def keys(facts):
    return {process_key(fact) for fact in several(facts)} if facts else set()


class Judgement:
    """Of one scenario: `state` is the worst that was found, `findings` say what."""

    def __init__(self):
        self.findings = []
        self.state = RIGHT
        self.verdicts = []

    def find(self, state, text):
        self.findings.append(text)
        order = [RIGHT, WRONG, MISSED, ACCUSED]
        self.state = max(self.state, state, key=order.index)


def judge(truth, documents, is_hidden=False):
    """`documents` are incidents in full. Each expectation takes the first of its subject that is left."""
    result = Judgement()
    left = list(documents)
    for expected in truth["expected"]:
        document = next((each for each in left if is_subject(expected["subject"], each["subject"])), None)
        if document is None:
            result.find(MISSED, f"no incident of {subject_name(expected['subject'])}")
            continue
        left.remove(document)
        result.verdicts.append(in_short(document))
        Comparison(result, expected, document, documents, is_hidden).compare()
    for document in documents:
        for name in sorted({each["source"] for each in document["evidence"] + document["timeline"]} - SOURCES):
            result.find(WRONG, f"{subject_name(document['subject'])}: an entry has the source '{name}'")
    guilty = set().union(*(keys(expected.get("root")) for expected in truth["expected"]))
    for document in left:
        judge_other(result, document, guilty, truth["others"])
    return result


def is_subject(expected, subject):
    return all(subject.get(name) == value for name, value in expected.items())


def subject_name(subject):
    uid = f":{subject['uid']}" if subject.get("uid") is not None else ""
    return f"{subject.get('manager') or subject['kind']}{uid}/{subject['name']}"


def accused_root(document):
    """Whoever is named for it, where that is an agent or a person; else None."""
    verdict = document["verdict"]
    if verdict["culprit"] is None or verdict["outcome"] not in ("agent", "operator"):
        return None
    return process_key(verdict["culprit"]["root"])


def judge_other(result, document, guilty, others):
    """An incident that nobody expected. Where the act has such, it may still name nobody but who the truth names."""
    name, accused = subject_name(document["subject"]), accused_root(document)
    if accused is not None and accused not in guilty:
        result.find(ACCUSED, f"{name}: {in_short(document)}, which nobody expected")
    elif others == "none":
        result.find(WRONG, f"an incident that is none: {name}: {in_short(document)}")


def in_short(document):
    verdict, culprit = document["verdict"], document["verdict"]["culprit"]
    who = ""
    if culprit is not None:
        agent = (culprit["agent"] or {}).get("name")
        actor = culprit["actor"] or culprit["root"]
        who = f": {agent + ' by ' if agent else ''}{actor['comm']} {actor['pid']}"
    return (
        f"{document['subject']['name']} {document['disruption']['kind']}, "
        f"{verdict['outcome']} {verdict['mechanism']} {verdict['confidence']}{who}")


class Comparison:
    def __init__(self, result, expected, document, documents, is_hidden):
        self.result, self.expected, self.document, self.documents = result, expected, document, documents
        self.is_hidden = is_hidden
        self.verdict = document["verdict"]
        self.name = subject_name(document["subject"])

    def compare(self):
        self.compare_accusation()
        self.one_of("kind", self.document["disruption"]["kind"])
        for name in ("signal", "exit_code"):
            self.one_of(name, self.document["disruption"][name])
        before = self.expected.get("main_pid_before")
        if before and self.document["disruption"]["main_pid_before"] != before["pid"]:
            self.wrong("main_pid_before", self.document["disruption"]["main_pid_before"], before["pid"])
        if self.is_hidden and self.verdict["outcome"] == "unknown":
            self.compare_exonerated(must_name_all=False)
            return
        self.one_of("outcome", self.verdict["outcome"])
        self.one_of("mechanism", self.verdict["mechanism"])
        self.compare_confidence()
        self.compare_culprit()
        self.compare_exonerated(must_name_all=not self.is_hidden)
        self.compare_rest()

    def wrong(self, name, seen, expected):
        self.result.find(WRONG, f"{self.name}: {name} is {seen!r}, truth is {expected!r}")

    def one_of(self, name, seen):
        if name in self.expected and seen not in several(self.expected[name]):
            self.wrong(name, seen, self.expected[name])

    def compare_accusation(self):
        """The worst: an agent or a person is named who did not do it."""
        accused = accused_root(self.document)
        if accused is None:
            return
        is_same = self.verdict["outcome"] in several(self.expected["outcome"])
        if not is_same or (keys(self.expected.get("root")) and accused not in keys(self.expected["root"])):
            self.result.find(ACCUSED, f"{self.name}: {in_short(self.document)} of root {accused}")

    def compare_confidence(self):
        if not self.is_hidden:
            self.one_of("confidence", self.verdict["confidence"])
        elif self.verdict["confidence"] == "proven" and self.verdict["mechanism"] in BY_REQUEST:
            self.result.find(WRONG, f"{self.name}: proven, though what was asked of the manager was hidden")

    def compare_culprit(self):
        culprit = self.verdict["culprit"]
        if culprit is None:
            if self.verdict["outcome"] != "unknown":
                self.wrong("culprit", None, "somebody")
            return
        self.one_of("agent", (culprit["agent"] or {}).get("name"))
        for role in ("root", "actor"):
            if role in self.expected and process_key(culprit[role]) not in keys(self.expected[role]):
                self.wrong(role, process_key(culprit[role]), sorted(keys(self.expected[role])))

    def compare_exonerated(self, must_name_all):
        named = {process_key(each["root"]): each["agent"]["name"] for each in self.verdict["exonerated"]}
        guilty = keys(self.expected.get("root")) if "agent" in several(self.expected["outcome"]) else set()
        for root in guilty & set(named):
            self.result.find(WRONG, f"{self.name}: {named[root]} {root} is exonerated, and did it")
        if not must_name_all:
            return
        for each in self.expected.get("exonerated", []):
            if named.get(process_key(each)) != each["agent"]:
                self.wrong("exonerated", named, [each["agent"], process_key(each)])

    def compare_rest(self):
        related = {document["subject"]["name"] for document in self.documents if document["id"] in self.document["related"]}
        if not set(self.expected.get("related", [])) <= related:
            self.wrong("related", sorted(related), self.expected["related"])
        text = json.dumps(self.document)
        for words in self.expected.get("says", []):
            if words not in text:
                self.result.find(WRONG, f"{self.name}: nowhere does it say {words!r}")
        for entry in self.expected.get("evidence", []):
            self.compare_evidence(entry)
        for role in ("victim", "trigger", "hog"):
            seen = process_key((self.document["oom"] or {}).get(role))
            if role in self.expected and seen not in keys(self.expected[role]):
                self.wrong(role, seen, sorted(keys(self.expected[role])))
        lost = self.document["completeness"]["lost_events"]
        if "lost" in self.expected and lost != self.expected["lost"]:
            self.wrong("lost events", lost, self.expected["lost"])
        if self.expected.get("has_gap") and not self.document["completeness"]["gaps"]:
            self.result.find(WRONG, f"{self.name}: states no gap")

    def compare_evidence(self, wanted):
        """An entry of that kind about one of those processes, whose data say at least so much."""
        least = wanted.get("least", {})
        seen = [each for each in self.document["evidence"] if each["kind"] == wanted["kind"]]
        about = [each for each in seen if process_key(each["process"]) in keys(wanted["process"])]
        if not any(all(each["data"].get(name, -1) >= least[name] for name in least) for each in about):
            what = f"{sorted(keys(wanted['process']))} with at least {least}"
            self.wrong(f"evidence of kind '{wanted['kind']}'", [each["text"] for each in seen], what)
