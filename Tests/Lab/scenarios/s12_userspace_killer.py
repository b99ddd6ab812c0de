"""S12: a user-space OOM killer ends prod: orphans of a finished agent session held the memory, or prod, or nobody clearly; or
prod holds the most, and has for a while, when an agent's orphans fill the rest.

The killer is a stand-in of that name, as a service: it ends whoever has the highest score, as the real one does, and is told
when, since the machine's memory is the host's."""

EARLYOOM = """\
#!/usr/bin/python3
import contextlib, glob, os, signal, time
while not os.path.exists("/lab/cue.earlyoom"):
    time.sleep(0.05)
scores = []
for path in glob.glob("/proc/[0-9]*/oom_score"):
    with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
        scores.append((int(file.read()), int(path.split("/")[2])))
os.kill(max(scores)[1], signal.SIGTERM)
signal.pause()
"""
UNIT = "[Unit]\nAfter=culprit.service\n[Service]\nExecStart=/usr/bin/earlyoom\n"
ALONE = True  # what the machine has left is looked at
CASES = {"S12-orphans": "orphans", "S12-prod": "prod", "S12-even": "even", "S12-late": "late"}
UNASKED = ("S12-late",)


def stage(scene, _hog):
    scene.daemon("prod", restart="always", service="OOMScoreAdjust=900")
    scene.daemon("web")
    scene.lab.write("usr/bin/earlyoom", EARLYOOM, 0o755)
    scene.system_unit("earlyoom.service", UNIT)
    for kind in ("claude-code", "codex"):
        scene.install_agent(kind, "root")


def heavy():
    """MiB that are large beside what the rest of this machine uses, whichever it is."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        kibibytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in file)}
    return max(1200, (kibibytes["MemTotal"] - kibibytes["MemAvailable"]) * 3 // 2048)


def act(scene, hog):
    size = heavy()
    before = scene.service("prod")
    person = scene.login("console", "root")
    claude = person.agent("claude-code")
    codex = scene.login("office", "root").agent("codex")
    codex.be_busy()
    if hog != "orphans":
        holder, part = {"prod": ("prod", size), "even": ("web", size // 3 * 2), "late": ("prod", size)}[hog]
        scene.cue(holder, f"hold:{part}")
        scene.fact("followed", name=holder)
    if hog == "late":
        scene.let_run(25)  # longer than growth is looked for
    count, each = {"orphans": (3, size // 3), "prod": (0, 0), "even": (2, size // 3), "late": (3, size // 8)}[hog]
    for _ in range(count):
        claude.run(f"setsid nohup /lab/hold orphan {each} >/dev/null 2>&1 & disown")
    if count:
        scene.fact("holder", count - 1, name="orphan")
    claude.quit()
    person.type("exit")
    scene.wait_gone(claude.fact)
    scene.let_run(2)
    scene.cue("earlyoom", "now")
    scene.service("prod", 1)
    truth = {
        "orphans": {
            "outcome": "agent", "confidence": ["proven", "likely"], "agent": "claude-code", "root": claude.fact,
            "actor": scene.facts("holder"), "hog": claude.fact, "exonerated": [codex.innocent]},
        "prod": {
            "outcome": "self", "confidence": ["proven", "likely"], "actor": before, "hog": before,
            "exonerated": [claude.innocent, codex.innocent]},
        "even": {"outcome": "unknown", "confidence": "none"},
        "late": {"outcome": "unknown", "confidence": "none"},
    }
    scene.expect(
        unit="prod.service", kind="restarted", signal=15, main_pid_before=before, mechanism="userspace-oom-kill",
        victim=before, says=["earlyoom"], **truth[hog])
