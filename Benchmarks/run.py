#!/usr/bin/env python3
"""What watching costs: storms with and without a tracer, in pairs of alternating order, printed as ratios."""

import argparse
import contextlib
import json
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
STATS = "/proc/sys/kernel/bpf_stats_enabled"
SETTLE = 0.6  # seconds after a storm that still belong to it: a collector that sleeps must not have its work uncounted

STORMS = {
    "exec": ["--count", "20000", "--workers", "4"],
    "fork": ["--count", "20000", "--workers", "4"],
    "thread": ["--count", "60000", "--workers", "4"],
    "syscall": ["--count", "16000000", "--workers", "2"],
    "bind": ["--count", "200000", "--workers", "4"],
    "signal": ["--count", "2000000", "--workers", "2"],
}

PERF = "perf record -q -a -o {output} -e sched:sched_process_fork,sched:sched_process_exec,sched:sched_process_exit"
BPFTRACE = (
    "bpftrace -o {output} -e '"
    'tracepoint:sched:sched_process_fork { printf("fork %d %d\\n", args->parent_pid, args->child_pid); } '
    'tracepoint:syscalls:sys_enter_execve { printf("exec %d ", pid); join(args->argv); } '
    'tracepoint:sched:sched_process_exit { printf("exit %d\\n", pid); } '
    "tracepoint:signal:signal_generate /args->sig != 17/ "
    '{ printf("signal %d %d %d\\n", pid, args->pid, args->sig); }'
    "'"
)
PEERS = {
    "execsnoop": {"command": "execsnoop", "package": "libbpf-tools", "storms": ("exec", "syscall"), "seen": b"nothing"},
    "sigsnoop": {"command": "sigsnoop -s 15", "package": "libbpf-tools", "storms": ("signal",)},
    "bindsnoop": {"command": "bindsnoop", "package": "libbpf-tools", "storms": ("bind",)},
    "perf": {"command": PERF, "package": "linux-perf", "storms": ("exec", "fork", "thread")},
    "bpftrace": {"command": BPFTRACE, "package": "bpftrace", "storms": ("exec", "bind", "signal"), "seen": b" nothing --in"},
}


class NotAvailable(Exception):
    """The tracer does not run on this machine; the text says why."""


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def busy_seconds():
    """CPU time of the whole machine in anything but idleness. Stolen time is another machine's."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, read("/proc/stat").split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def scheduled_seconds():
    """The same from the scheduler's own nanoseconds, where the kernel keeps them: no ticks, but no interrupts either."""
    with contextlib.suppress(OSError):
        return int(read("/sys/fs/cgroup/cpuacct/cpuacct.usage")) / 1e9
    with contextlib.suppress(OSError):
        lines = read("/proc/schedstat").splitlines()
        return sum(int(line.split()[7]) for line in lines if line.startswith("cpu")) / 1e9
    return None


def session_pids(session):
    """The processes of a tracer: it was started in a session of its own."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                if int(read(f"/proc/{name}/stat").rpartition(")")[2].split()[3]) == session:
                    found.append(int(name))
    return found


def cpu_of(pids):
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            ticks = sum(map(int, fields[11:15])) / TICKS  # its own and of the children it has waited for
            precise = 0.0
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    precise += int(read(f"/proc/{pid}/task/{task}/schedstat").split()[0]) / 1e9
            total += precise or ticks
    return total


def memory_of(pids):
    sums = {"Rss": 0, "Anonymous": 0}
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
                name = line.split(":")[0]
                if name in sums:
                    sums[name] += int(line.split()[1])
    return {"rss_mb": sums["Rss"] / 1024, "anonymous_mb": sums["Anonymous"] / 1024}


def programs():
    """BPF programs by id, with their run time and count where these are kept."""
    try:
        output = subprocess.run(["bpftool", "prog", "show", "-j"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    listed = json.loads(output or b"[]")
    return {
        program["id"]: {
            "name": program.get("name", str(program["id"])),
            "ns": program.get("run_time_ns", 0),
            "runs": program.get("run_cnt", 0),
            "pids": {holder["pid"] for holder in program.get("pids", [])},
        }
        for program in (listed if isinstance(listed, list) else [])
    }


@contextlib.contextmanager
def bpf_stats():
    before = read(STATS)
    try:
        with open(STATS, "w", encoding="ascii") as file:
            file.write("1")
        yield
    finally:
        with open(STATS, "w", encoding="ascii") as file:
            file.write(before)


class Tracer:
    """One run of a tracer: started, awaited, measured, interrupted."""

    def __init__(self, name, command, ready, directory, timeout):
        self.name, self.ready, self.timeout = name, ready, timeout
        self.output = os.path.join(directory, f"{name}.out")
        self.stdout, self.stderr = self.output + ".stdout", self.output + ".stderr"
        for path in (self.output, self.stdout, self.stderr):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        words = [word.replace("{output}", self.output) for word in shlex.split(command)]
        if not shutil.which(words[0]):
            raise NotAvailable(f"{words[0]} is not installed")
        self.programs_before = programs()
        with open(self.stdout, "wb") as out, open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )

    def __enter__(self):
        try:
            self.started = self._await()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def _await(self):
        begin = time.monotonic()
        while time.monotonic() < begin + self.timeout:
            if self.process.poll() is not None:
                raise NotAvailable(self._last_words() or f"ended with {self.process.returncode}")
            if self._is_ready():
                return time.monotonic() - begin
            time.sleep(0.01)
        raise NotAvailable(f"not ready in {self.timeout:g} s: {self._last_words()}")

    def _is_ready(self):
        if self.ready:
            return self.ready in read(self.stderr)
        # A peer says nothing when it is ready (or into a buffer): it is once it holds its events, and a while longer.
        for pid in session_pids(self.process.pid):
            with contextlib.suppress(OSError):
                for fd in os.listdir(f"/proc/{pid}/fd"):
                    link = os.readlink(f"/proc/{pid}/fd/{fd}")
                    if link in ("anon_inode:[perf_event]", "anon_inode:bpf_link", "anon_inode:bpf-link"):
                        time.sleep(1.0)
                        return self.process.poll() is None
        return False

    def _last_words(self):
        lines = [line for line in read(self.stderr).splitlines() if line.strip()]
        return " / ".join(lines[-2:])[:300]

    def _stop(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(timeout=15)
                return
            except subprocess.TimeoutExpired:
                continue

    def pids(self):
        return session_pids(self.process.pid)

    def own_programs(self):
        """Its programs: those it holds, where bpftool can tell; else all that came since it was started."""
        pids, now = set(self.pids()), programs()
        told = any(program["pids"] for program in now.values())
        return {
            key: program
            for key, program in now.items()
            if (program["pids"] & pids if told else key not in self.programs_before)
        }

    def afterwards(self, seen):
        """What only its output says, once it has ended."""
        text = read(self.stderr) + (read(self.stdout) if os.path.getsize(self.stdout) < 1 << 20 else "")
        size, count = 0, None
        for path in (self.output, self.stdout):
            if os.path.exists(path):
                size += os.path.getsize(path)
                if seen:
                    with open(path, "rb") as file:
                        for line in file:
                            count = (count or 0) + (seen in line)
                            if b"ost " in line:
                                text += line.decode(errors="replace")
        lost = re.findall(r"(?i)\blost[ _](\d+)|(\d+) (?:(?:events?|samples|records) )?lost|\blost[ _a-z]*[:=] *(\d+)", text)
        return {"lost": sum(int(next(filter(None, groups))) for groups in lost), "bytes": size, "seen": count}


def run_storm(binary, storm, scale):
    words = list(STORMS[storm])
    words[1] = str(max(1000, int(int(words[1]) * scale)))
    busy, scheduled = busy_seconds(), scheduled_seconds()
    finished = subprocess.run([binary, storm, *words], capture_output=True, check=True)
    figures = json.loads(finished.stdout)
    time.sleep(SETTLE)
    acts = figures["count"]
    result = {
        "acts": acts,
        "wall": figures["wall_seconds"] / acts,
        "cpu": (busy_seconds() - busy) / acts,
        "storm_cpu": (figures["user_seconds"] + figures["system_seconds"]) / acts,
    }
    if scheduled is not None:
        result["scheduled"] = (scheduled_seconds() - scheduled) / acts
    return result


def traced(args, storm, spec, with_programs=False):
    """The storm under a tracer, with what the tracer itself used for it."""
    with Tracer(spec["name"], spec["command"], spec.get("ready"), args.directory, args.ready_timeout) as tracer:
        cpu = cpu_of(tracer.pids())
        before = tracer.own_programs() if with_programs else {}
        result = run_storm(args.storm, storm, args.scale)
        if with_programs:
            result["programs"] = program_deltas(before, tracer.own_programs(), result["acts"])
        result["collector"] = cpu_of(tracer.pids()) - cpu
        result |= memory_of(tracer.pids())
        result["start_seconds"] = tracer.started
    result |= tracer.afterwards(spec.get("seen") if storm == "exec" else None)
    return result


def program_deltas(before, after, acts):
    deltas = []
    for key, program in after.items():
        earlier = before.get(key, {"ns": 0, "runs": 0})
        runs, ns = program["runs"] - earlier["runs"], program["ns"] - earlier["ns"]
        if runs:
            deltas.append({"name": program["name"], "runs": runs, "ns_each": ns / runs, "ns_per_act": ns / acts})
    return sorted(deltas, key=lambda delta: -delta["ns_per_act"])


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}


def ratios(pairs, key):
    usable = [(plain[key], other[key]) for plain, other in pairs if plain.get(key) and other.get(key) is not None]
    return spread([other / plain for plain, other in usable]) if usable else None


def measure(args, storm, spec):
    """Pairs of one storm; `spec` None is the null control."""
    pairs = []
    for number in range(args.pairs):
        order = (False, True) if number % 2 == 0 else (True, False)
        runs = {}
        for second in order:
            runs[second] = traced(args, storm, spec) if second and spec else run_storm(args.storm, storm, args.scale)
        pairs.append((runs[False], runs[True]))
        progress(f"{storm}: {spec['name'] if spec else 'no tracer'}: pair {number + 1} of {args.pairs}")
    result = {key: ratios(pairs, key) for key in ("wall", "cpu", "scheduled", "storm_cpu")}
    if spec:
        result |= tracer_figures([other for _, other in pairs])
        with contextlib.suppress(OSError):
            with bpf_stats():
                result["programs"] = traced(args, storm, spec, with_programs=True)["programs"]
        if result.get("programs"):
            result["bpf_ns_per_act"] = sum(program["ns_per_act"] for program in result["programs"])
    result["pairs"] = [{"plain": plain, "other": other} for plain, other in pairs]
    return result


def tracer_figures(runs):
    figures = {
        "collector_seconds_per_10k": spread([run["collector"] / run["acts"] * 10000 for run in runs]),
        "bytes_per_act": statistics.median(run["bytes"] / run["acts"] for run in runs),
        "lost": sum(run["lost"] for run in runs),
    }
    for key in ("rss_mb", "anonymous_mb", "start_seconds"):
        figures[key] = statistics.median(run[key] for run in runs)
    if all(run["seen"] is not None for run in runs):
        figures["unseen"] = sum(run["acts"] - run["seen"] for run in runs)
    return figures


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def show_spread(value):
    return f"{value['median']:.3f} ({value['min']:.2f}-{value['max']:.2f})" if value else "-"


def show(value, form="{:.1f}"):
    return form.format(value) if value is not None else "-"


COLUMNS = ("storm", "tracer", "CPU x (all)", "wall x", "CPU x (sched)", "BPF ns/act", "s/10k", "RSS MB", "anon MB",
           "B/act", "lost", "unseen")


def row(storm, name, result):
    if "unavailable" in result:
        return (storm, name, f"not available: {result['unavailable']}")
    collector = result.get("collector_seconds_per_10k")
    return (
        storm, name, show_spread(result["cpu"]), show_spread(result["wall"]), show_spread(result["scheduled"]),
        show(result.get("bpf_ns_per_act"), "{:.0f}"), show(collector and collector["median"], "{:.4f}"),
        show(result.get("rss_mb")), show(result.get("anonymous_mb")), show(result.get("bytes_per_act"), "{:.0f}"),
        show(result.get("lost"), "{}"), show(result.get("unseen"), "{}"),
    )


def print_table(results):
    rows = [row(result["storm"], result["tracer"], result) for result in results]
    full = [COLUMNS, *(cells for cells in rows if len(cells) == len(COLUMNS))]
    widths = [max(len(cells[i]) for cells in full) for i in range(len(COLUMNS))]
    for cells in (COLUMNS, *rows):
        print("  ".join(cell.ljust(widths[i]) for i, cell in enumerate(cells)).rstrip())


def specs_for(args, storm):
    if args.tracer:
        yield {"name": args.name, "command": args.tracer, "ready": args.ready}
    for name, peer in PEERS.items():
        wanted = storm in peer["storms"] if args.peers == "auto" else name in args.peers.split(",")
        if wanted:
            yield {"name": name, **peer}


def bench(args):
    results = []
    for storm in args.storms.split(","):
        run_storm(args.storm, storm, args.scale / 4)  # caches and frequencies settle; not counted
        results.append({"storm": storm, "tracer": "none (null control)", **measure(args, storm, None)})
        for spec in specs_for(args, storm):
            try:
                result = measure(args, storm, spec)
            except NotAvailable as why:
                result = {"unavailable": f"{why}" + (f" (package {spec['package']})" if "package" in spec else "")}
            results.append({"storm": storm, "tracer": spec["name"], **result})
    return results


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storm", default="build/storm", help="the storm program (default: build/storm)")
    parser.add_argument("--storms", default=",".join(STORMS), help="which ones, by comma (default: all)")
    parser.add_argument("--pairs", type=int, default=9, help="pairs of each comparison (default: 9)")
    parser.add_argument("--scale", type=float, default=1.0, help="acts of each storm, times this (default: 1)")
    parser.add_argument("--tracer", help="command of the tracer under test; {output} becomes a fresh file")
    parser.add_argument("--name", default="culprit", help="its name in the table (default: culprit)")
    parser.add_argument("--ready", default="recording", help="text on its stderr that says it records; '' for a peer")
    parser.add_argument("--ready-timeout", type=float, default=30, help="seconds (default: 30)")
    parser.add_argument("--peers", default="auto", help="auto, none, or names by comma: " + ", ".join(PEERS))
    parser.add_argument("--json", metavar="FILE", help="everything that was measured, run by run")
    args = parser.parse_args()
    if args.pairs < 1 or args.scale <= 0 or not set(args.storms.split(",")) <= set(STORMS):
        parser.error("no such storm, or a count below one")
    if not os.access(args.storm, os.X_OK):
        parser.error(f"{args.storm}: not there (build it, or say --storm PATH)")
    if os.geteuid() != 0:
        print("run.py: not root: most tracers will not start", file=sys.stderr)
    return args


def main():
    args = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="bench-") as args.directory:
        results = bench(args)
    progress("")
    print_table(results)
    if args.json:
        machine = {"kernel": platform.release(), "cpus": os.cpu_count(), "load": os.getloadavg()}
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "pairs": args.pairs, "scale": args.scale, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
