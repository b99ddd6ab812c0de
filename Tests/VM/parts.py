"""What is asked of a kernel: each part is one boot, a command inside, and what its results must say."""

import json
import os
import re
import shutil
import tempfile

from cases import all_cases
from collector import Daemon
from lab import Staging
from parcel import HERE, Parcel
from scene import Scene

LAB = os.path.join(HERE, "../Lab")
SLOWNESS = 6  # how much slower than a lab on the host's own kernel a machine may be
RIGHT = "right"

# Probes that a kernel cannot have, and the first version that can.
SINCE = {"bpf:manager-call": (5, 16), "bpf:unix": (5, 15)}


class Verdict:
    """Of one part: what it counted, and in lines what there is to say."""

    def __init__(self, passed=0, failed=0, skipped=0, lines=()):
        self.passed, self.failed, self.skipped, self.lines = passed, failed, skipped, list(lines)


class Doctor:
    """Every probe that this kernel can have is loaded and attached, and no report says less of itself."""

    name, limit = "doctor", 120

    def parcel(self, chosen):
        command = "culprit doctor >out/doctor.txt 2>&1\nculprit doctor --format json >out/doctor.json"
        return Parcel(chosen.culprit, command, self.limit)

    def judge(self, kernel, results):
        if results.status:
            return Verdict(failed=1, lines=[f"doctor ended with {results.status}: {results.text('stderr').strip()[-500:]}"])
        states = {each["name"]: each for each in json.loads(results.text("doctor.json"))["sources"]}
        lines, wrong = [], 0
        for name, source in states.items():
            expected = "missing" if kernel.number < SINCE.get(name, (0,)) else "active"
            is_right = source["state"] == expected
            wrong += not is_right
            if not is_right or expected != "active":
                lines.append(f"{name} is {source['state']}, as {'it must be' if is_right else 'it must not'}: {source['why']}")
        if not any(name.startswith("bpf:") for name in states):
            wrong += 1
        return Verdict(passed=len(states) - wrong, failed=wrong, lines=lines)


class AgentsRun:
    """`culprit agents run` with limits, where a manager can set them: they stand in the scope's own files, and they hold."""

    name, limit = "agents-run", 150
    LIMITS = "--max-memory 64MiB --max-processes 32 --cpu-weight 50"
    EXPECTED = ["/agents.slice", "67108864", "50", "32", "ended 137"]

    def parcel(self, chosen):
        look = "cd /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); dirname $(cut -d: -f3 /proc/self/cgroup); cat memory.max cpu.weight pids.max"
        command = (
            f"culprit agents run --agent tester {self.LIMITS} -- sh -c '{look}'\n"
            "culprit agents run --agent tester --max-memory 64MiB -- python3 -c 'bytearray(200 << 20)'\necho ended $?")
        return Parcel(chosen.culprit, command, self.limit)

    def judge(self, _, results):
        said = results.text("stdout").split("\n")[:-1]
        lines = [] if said == self.EXPECTED else [f"said {said}, expected {self.EXPECTED}", results.text("stderr").strip()[-500:]]
        return Verdict(passed=int(not lines), failed=int(bool(lines)), lines=lines)


class KernelSuites:
    """Tests/Kernel, whole or in part, in the machine's own namespaces."""

    limit = 3000

    def __init__(self, suites):
        self.suites = suites
        self.name = "kernel" + "".join(f":{suite}" for suite in suites)

    def parcel(self, chosen):
        words = f"--culprit /usr/local/bin/culprit --ground-truth ./ground-truth --storm ./storm {' '.join(self.suites)}"
        # A process that the OOM killer spares makes other ones than a test expects.
        command = f"echo 0 >/proc/self/oom_score_adj\nCULPRIT_TEST_SLOWNESS={SLOWNESS} python3 -u Kernel/run.py {words} | tee /dev/ttyS0"
        parcel = Parcel(chosen.culprit, command, self.limit)
        parcel.add(os.path.join(HERE, "../Kernel"), "machine/Kernel")
        for name in ("ground-truth", "storm"):
            parcel.add(os.path.join(chosen.programs, name), f"machine/{name}")
        return parcel

    def judge(self, _, results):
        said = results.text("stdout").strip().splitlines()
        counted = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", said[-1]) if said else None
        if not counted:
            why = f"ended with {results.status} and without its count"
            return Verdict(failed=1, lines=[*said[-8:], results.text("stderr").strip()[-1500:], why])
        return Verdict(*(int(number) for number in counted.groups()), said[:-1])


class Scenario:
    """One of the lab's scenarios, or of this directory's own, with the machine as the lab."""

    limit = 400

    def __init__(self, case, directory, is_hidden):
        self.case, self.directory, self.is_hidden = case, directory, is_hidden
        self.name = case.name

    def parcel(self, chosen):
        options = "--hidden" if self.is_hidden else ""
        slow = f"CULPRIT_TEST_SLOWNESS={SLOWNESS}"
        command = f"{slow} python3 act.py {options} /machine/scenarios {self.case.name}"
        parcel = Parcel(chosen.culprit, command, self.limit)
        parcel.add(os.path.join(HERE, "guest/act.py"), "machine/act.py")
        parcel.add(self.directory, "machine/scenarios")
        parcel.add(LAB, "machine/lab/Tests/Lab")
        parcel.add(os.path.join(HERE, "../../packaging"), "machine/lab/packaging")
        work = tempfile.mkdtemp(prefix="culprit-machine-")
        try:
            staging = Staging(work, chosen.base, chosen.culprit)
            scene = Scene(staging, SLOWNESS)
            Daemon(staging, scene, self.is_hidden).install()
            self.case.stage(scene)
            parcel.add(staging.path("files"), ".", as_is=True)
            parcel.add(staging.path("stage"), "lab", as_is=True)
        finally:
            shutil.rmtree(work)
        return parcel

    def judge(self, _, results):
        if "outcome.json" not in results.files:
            why = f"the scenario ended with {results.status} and without an outcome"
            return Verdict(failed=1, lines=[why, results.text("stderr").strip()[-2000:]])
        outcome = json.loads(results.text("outcome.json"))
        seconds = outcome["seconds"]
        after = "" if seconds is None else f"  {seconds:.1f} s to the incident"
        lines = [f"{outcome['state']}: {' | '.join(outcome['verdicts']) or '-'}{after}", *outcome["findings"]]
        is_right = outcome["state"] == RIGHT
        return Verdict(passed=int(is_right), failed=int(not is_right), lines=lines)


def scenarios(is_hidden):
    """All that can be asked for, by their ids."""
    found = {}
    for directory in (os.path.join(LAB, "scenarios"), os.path.join(HERE, "scenarios")):
        for case in all_cases(directory):
            found[case.name] = Scenario(case, directory, is_hidden)
    return found
