"""Who asked for the page that was not there, by the kernel's own log: the truth of a trigger.

The log names processes by their pid in the outermost namespace, and a memory cgroup by its path."""

import contextlib
import os
import re

RECORD_MAX = 8192  # bytes: more than any record of /dev/kmsg has
ASKS = re.compile(r"\binvoked oom-killer:")
ASKER = re.compile(r"\bPID: (\d+) Comm: ")


def messages():
    """All that the log holds, oldest first; nothing where it cannot be read."""
    with contextlib.suppress(OSError):
        descriptor = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        try:
            while True:
                with contextlib.suppress(BrokenPipeError):  # records went while this read others
                    record = os.read(descriptor, RECORD_MAX)
                    yield record.decode("utf-8", "replace").partition(";")[2].partition("\n")[0]
        except BlockingIOError:
            return
        finally:
            os.close(descriptor)


def kills(memory):
    """The pids of who asked and of who was killed, for each kill in the memory cgroup of that directory. The kernel kills
    one at a time, so that the lines of two do not mix; of more than ten kills in five seconds it tells no more."""
    asker, found = None, []
    killed = re.compile(rf"^oom-kill:.*\boom_memcg=[^,]*/{re.escape(os.path.basename(memory))},.*,pid=(\d+),")
    for message in messages():
        if ASKS.search(message):
            asker = None
        elif match := ASKER.search(message):
            asker = int(match.group(1))
        elif asker and (match := killed.match(message)):
            found.append((asker, int(match.group(1))))
            asker = None
    return found


def outer_pid(lab, fact):
    """The pid out here of a process that is in the lab; None where it is gone."""
    namespace = os.readlink(f"/proc/{lab.pid}/ns/pid")
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as status:
                inner = next((line.split()[-1] for line in status if line.startswith("NSpid:")), "0")
            if int(inner) == fact["pid"] and os.readlink(f"/proc/{name}/ns/pid") == namespace:
                return int(name)
    return None


class Askers:
    """Those of a lab who may trigger the OOM killer, added while they live."""

    def __init__(self, lab, *facts):
        self.lab, self.facts = lab, {}
        for fact in facts:
            self.add(fact)

    def add(self, fact):
        self.facts[outer_pid(self.lab, fact)] = fact

    def of_the_kill(self, victim):
        """The one that asked when that one of them was killed. What a busy machine takes back late has the kernel kill once
        more. Where the log does not tell of it: all, since any may have been."""
        told = kills(self.lab.memory)
        if not told:
            print(f"{self.lab.name}: the kernel's log does not tell who triggered; any of {len(self.facts)} is accepted")
            return list(self.facts.values())
        asked = [asker for asker, killed in told if self.facts.get(killed) == victim]
        assert len(asked) == 1, f"{len(asked)} of {len(told)} kills in {self.lab.memory} were of that one"
        assert asked[0] in self.facts, f"{asked[0]} triggered, and the scenario does not know it"
        return self.facts[asked[0]]
