"""Stand-ins of agents, executed here and recorded: what each of them leaves behind, and bystanders beside them."""

import contextlib
import json
import os
import shutil
import sys

from recording import described_key, key
from tally import Difference
from tools import read, start_ticks, wait_until

# tool WORD: leaves a process called WORD that has left session, parents and environment behind.
TOOL = """\
#!/bin/sh
setsid sh -c '(env -i /bin/bash -c "exec -a $0 sleep 1000" "$0" &); exit 0' "$1"
"""
NODE = """\
const { spawn } = require("child_process");
process.title = "TITLE";
spawn(process.argv[2], process.argv.slice(3), { env: { ...process.env, MARKER: "1" }, stdio: "ignore" });
setTimeout(() => {}, 1000000);
"""
PYTHON = """\
#!PYTHON
import subprocess, sys, time
subprocess.run(sys.argv[1:], check=True)
time.sleep(1000)
"""
# A program's stand-in is a copy of bash: it starts what it is given and stays.
STAY = '"$@"; sleep 1000 & wait; :'
STORM = 20000
WORDS = ["nothing", "word-of-the-storm"]


class Home:
    """A home with agents as they install themselves."""

    def __init__(self, tools):
        self.root = tools.path("home")
        self.tool = self.script("tool", TOOL)

    def at(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def program(self, name):
        shutil.copy("/bin/bash", self.at(name))
        return self.at(name)

    def link(self, name, target):
        os.symlink(os.path.join(self.root, target), self.at(name))
        return self.at(name)

    def script(self, name, text):
        with open(self.at(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.at(name), 0o755)
        return self.at(name)

    def native(self, path, word, *markers):
        return [path, "-c", STAY, "agent", "env", *markers, self.tool, word]


# agent, word, program, the link that it is called by, markers of what it starts
NATIVE = [
    ("claude-code", "by-link", ".local/share/claude/versions/2.1.3", ".local/bin/claude", ["CLAUDECODE=1"]),
    ("claude-code", "by-version", ".local/share/claude/versions/2.1.4", None, []),
    ("codex", "standalone", ".codex/packages/standalone/releases/1/bin/codex", ".local/bin/codex", ["CODEX_CI=1"]),
    ("amp", "amp", ".amp/bin/amp", ".local/bin/amp", ["AGENT=amp", "CLAUDECODE=1"]),
    ("devin", "devin", ".local/share/devin/cli/_versions/3/bin/devin", ".local/bin/devin", []),
    ("cursor-agent", "cursor", ".local/share/cursor-agent/versions/2026.9/node", None, ["CURSOR_AGENT=1"]),
    ("opencode", "opencode", "l/opencode-linux-x64/bin/opencode", None, ["OPENCODE=1", "AGENT=1"]),
    ("copilot-cli", "copilot", "l/@github/copilot-linux-x64/copilot", "c/bin/copilot", ["COPILOT_CLI=1"]),
    ("crush", "crush", "l/@charmland/crush/bin/crush", None, ["CRUSH=1"]),
    ("goose", "goose", "l/@aaif/goose-binary-linux-x64/bin/goose", None, ["GOOSE_TERMINAL=1"]),
    ("droid", "droid", "d/bin/droid", None, []),
    # Known by the marker alone: nobody has described the program.
    ("qwen-code", "undescribed", "opt/renamed", None, ["QWEN_CODE=1"]),
    ("bot", "named", "opt/bot", None, ["AI_AGENT=bot"]),
    # Bystanders.
    (None, "user", "claude/bin/server", None, []),
    (None, "folder", "claude/versions/latest/run", None, []),
    (None, "variables", "opt/plain", None, ["CURSOR_TRACE_ID=1", "VSCODE_PID=2", "OPENAI_API_KEY=x"]),
]
# agent, word, script, title, marker
SCRIPTS = [
    ("claude-code", "node-claude", "l/@anthropic-ai/claude-code/cli.js", "claude", "CLAUDECODE"),
    ("gemini-cli", "node-gemini", "n/bin/gemini", "node", "GEMINI_CLI"),
    ("qwen-code", "node-qwen", "l/@qwen-code/qwen-code/cli.js", "node", "QWEN_CODE"),
    ("auggie", "node-auggie", "n/bin/auggie", "node", "AUGMENT_AGENT"),
    (None, "node-server", "srv/claude.js", "claude-proxy", "X"),
]


def rows(home):
    """(agent or nothing, word, words of the command)"""
    for agent, word, program, link, markers in NATIVE:
        path = home.program(program)
        yield agent, word, home.native(home.link(link, program) if link else path, word, *markers)
    node = shutil.which("node")
    for agent, word, script, title, marker in SCRIPTS if node else []:
        path = home.script(script, NODE.replace("TITLE", title).replace("MARKER", marker))
        yield agent, word, [node, path, home.tool, word]
    aider = home.script("bin/aider", PYTHON.replace("PYTHON", sys.executable))
    yield "aider", "aider", [aider, home.tool, "aider"]
    yield None, "aider-like", [sys.executable, home.script("aider.py", PYTHON), home.tool, "aider-like"]
    yield None, "argv-only", ["/bin/bash", "-c", f"exec -a claude /bin/bash -c '{STAY}' agent {home.tool} argv-only"]
    shell = home.native("/bin/bash", "editor")
    yield None, "editor", [*shell, home.at(".local/bin/claude")]


def find(word):
    """The process that is called that word, by pid and ticks."""

    def look():
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if read(f"/proc/{pid}/cmdline") == f"{word}\0001000\0".encode():
                    return int(pid), start_ticks(int(pid))
        return None

    return wait_until(f"no {word}", look)


def start(tools, stack, home):
    """Starts all of them; who is left of each, by word."""
    left = {}
    for agent, word, words in rows(home):
        name = f"left-of-{word}"
        words = [name if part == word else part.replace(f" {word}", f" {name}") for part in words]
        process = stack.enter_context(tools.background(*words, stdin=-3, stdout=-3, stderr=-3, start_new_session=True))
        stack.callback(end, os.killpg, process.pid)
        left[word] = agent, find(name)
        stack.callback(end, os.kill, left[word][1][0])
    return left


def end(how, pid):
    with contextlib.suppress(OSError):
        how(pid, 9)


def compare(tools, path, left):
    found = Difference()
    nodes = json.loads(tools.output("agents", "tree", "--from", path, "--format", "json"))
    seen = {described_key(node["process"]): node["process"]["agent"]["name"] for node in nodes}
    for word, (agent, process) in left.items():
        found.expect(word, "agent", agent, seen.get(process))
    return found


def standing(tools, tally):
    """Recorded while they start, and found when they run already, where some have written over their argv."""
    early, late = tools.path("recognition.culprit"), tools.path("recognition-late.culprit")
    with contextlib.ExitStack() as stack:
        with tools.recorder(early):
            left = start(tools, stack, Home(tools))
        with tools.recorder(late):
            pass
        tally.check("recognition: agents as they are started, and bystanders", compare(tools, early, left))
        # Without the fork edges an orphan is known by what its agent gave it, and env -i has taken that away.
        orphans = Difference()
        seen = compare(tools, late, {word: (None, process) for word, (_, process) in left.items()})
        orphans.extend_from(seen)
        tally.check("recognition: orphans found afterwards are nobody's", orphans)
    if not shutil.which("node"):
        tally.skip("recognition: scripts of node", "node is not installed")


def storm(tools, tally):
    """20,000 processes of an agent: each of them is its."""
    out, home = tools.path("recognition-storm.culprit"), Home(tools)
    agent = home.link("s/bin/claude", os.path.relpath(home.program("s/claude/versions/3"), home.root))
    line = '"$@"; exit $?'
    with tools.recorder(out):
        done = tools.run(
            agent, "-c", line, "agent", "env", "CLAUDECODE=1", tools.storm, "exec", "--count", str(STORM),
            "--workers", "4", "--", *WORDS)
    count = json.loads(done.stdout)["count"]
    lines = tools.output("live", "--from", out, "--agent", "claude-code", "--format", "json").splitlines()
    events = [json.loads(line) for line in lines]
    tagged = [event for event in events if event["type"] == "exec" and event["image"]["argv"] == WORDS]
    found = Difference()
    found.expect("storm", "executions by the agent's tree", count, len(tagged))
    found.expect("storm", "processes", count, len({key(event["process"]) for event in tagged}))
    tally.check(f"recognition: a storm of {count} processes under an agent, each of them its own", found)
