"""V12: a user-space OOM killer ends prod, which is small: orphans of a finished agent session took the machine's memory, or
prod itself did, or as much of it as others; or it acts on the slice of a user, which has a limit of its own.

The killers are stand-ins of those names, as services. They act as the real ones do, once and a little sooner: where there is
little memory left, whoever has the highest score is ended."""

KILLER = """\
#!/usr/bin/python3
import contextlib, glob, os, signal, sys, time

def number(path):
    with open(path, encoding="utf-8") as file:
        return int(file.read())

def numbers(path):
    with open(path, encoding="utf-8") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}

def is_short():
    if sys.argv[1:]:
        with contextlib.suppress(FileNotFoundError):
            return numbers(f"{sys.argv[1]}/memory.stat")["anon"] > number(f"{sys.argv[1]}/memory.max") * 4 // 5
        return False
    sizes = numbers("/proc/meminfo")
    return sizes["MemAvailable:"] < sizes["MemTotal:"] * 2 // 5

def pids():
    if not sys.argv[1:]:
        return [int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*")]
    found = []
    for path in glob.glob(f"{sys.argv[1]}/**/cgroup.procs", recursive=True):
        with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
            found += map(int, file.read().split())
    return found

while not is_short():
    time.sleep(0.1)
scores = []
for pid in pids():
    with contextlib.suppress(OSError):
        scores.append((number(f"/proc/{pid}/oom_score"), pid))
os.kill(max(scores)[1], signal.SIGKILL if sys.argv[1:] else signal.SIGTERM)
signal.pause()
"""
UNIT = "[Unit]\nAfter=culprit.service\n[Service]\nExecStart=/usr/bin/{}\n"
SLICE = "/sys/fs/cgroup/user.slice/user-1000.slice"
LIMIT = "[Slice]\nMemoryMax=240M\n"
# The killer (which acts on SLICE, where there is a user), whose service prod is, and how it goes.
CASES = {
    "V12-orphans": ("earlyoom", None, "orphans"), "V12-prod": ("earlyoom", None, "prod"),
    "V12-even": ("earlyoom", None, "even"), "V12-slice": ("oomd", "dev", "orphans"),
    "V12-slice-prod": ("oomd", "dev", "prod"),
}
# What an orphan runs: once the session is over.
LATER = "until [ -e /lab/over ]; do sleep 0.1; done; exec"


def stage(scene, case):
    killer, user, _ = case
    scene.daemon("prod", user=user, restart="always", service="OOMScoreAdjust=900")
    scene.daemon("web")
    scene.lab.write(f"usr/bin/{killer}", KILLER, 0o755)
    scene.system_unit(f"{killer}.service", UNIT.format(f"{killer} {SLICE}" if user else killer))
    if user:
        scene.lab.write("etc/systemd/system/user-1000.slice.d/limit.conf", LIMIT)
    scene.install_agent("claude-code", user or "root")
    scene.install_agent("codex", "root")


def spare():
    """MiB that can be taken until a third of the machine's is left."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return (sizes["MemAvailable"] - sizes["MemTotal"] // 3) >> 10


def act(scene, case):
    killer, user, how = case
    before, web = scene.service("prod"), scene.service("web")
    person = scene.login("console", user or "root")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    if user:
        # More than there is room for in the slice, and outside of it.
        codex.run("/lab/hold outside 260")
        scene.fact("holder", name="outside")
    codex.be_busy()
    half = spare() // 2
    if how == "orphans":
        claude.run(f"setsid nohup sh -c '{LATER} /lab/hog {before['pid']} {20 if user else 40}' >/dev/null 2>&1 & disown")
    elif how == "even":
        claude.run(f"setsid nohup sh -c '{LATER} /lab/hold orphan {half}' >/dev/null 2>&1 & disown")
        scene.cue("web", f"hold:{half}")
        scene.fact("followed", name="web")
    claude.quit()
    person.type("exit")
    scene.wait_gone(claude.fact)
    scene.let_run(2)
    if how == "prod":
        scene.cue("prod", "leak")
    scene.script("over", "")
    scene.service("prod", 1)
    truth = {
        "orphans": {
            "outcome": "agent", "confidence": ["proven", "likely"], "agent": "claude-code", "root": claude.fact,
            "hog": claude.fact, "exonerated": [codex.innocent]},
        "prod": {
            "outcome": "self", "confidence": ["proven", "likely"], "actor": before, "hog": before,
            "exonerated": [claude.innocent, codex.innocent]},
        "even": {"outcome": "unknown", "confidence": "none"},
    }
    scene.expect(
        # Its restart may take longer than an incident waits for it: all is slow here.
        unit="prod.service", user=user, kind=["restarted", "failed" if user else "stopped"], signal=9 if user else 15,
        main_pid_before=before, mechanism="userspace-oom-kill", victim=before, says=[killer], **truth[how])
