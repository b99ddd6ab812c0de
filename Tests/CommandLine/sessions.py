"""`agents register` and `agents run`: what an agent says of itself, who may say it, and that nobody is held up."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import time

from service import Service, wait_until
from tool import NOBODY, case, check, needs_root

# What Claude Code, Codex and Gemini CLI write to a hook (their documentation), and what Codex's notify passes.
HOOKS = [
    {"session_id": "abc-123", "transcript_path": "/home/x/t.jsonl", "cwd": "/home/x", "hook_event_name": "SessionStart", "source": "startup"},
    {"session_id": "0198c", "transcript_path": None, "cwd": "/", "hook_event_name": "SessionStart", "model": "m", "permission_mode": "default", "source": "resume"},
    {"session_id": "g-1", "transcript_path": "/t", "cwd": "/", "hook_event_name": "SessionStart", "timestamp": "2026-01-01T00:00:00Z", "source": "clear"},
]
NOTIFY = {"type": "agent-turn-complete", "thread-id": "th-9", "turn-id": "1", "cwd": "/", "input-messages": ["x"], "last-assistant-message": "y"}
HOSTILE = [
    b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe" * 99, b'{"session_id":7}', b'{"session_id":"' + b"x" * 5000 + b'"}',
    b'{"session_id":"a b\\n\\u001b[31m"}', b"[" * 100_000, b'{"session_id":"s","x":' + b'"' + b"y" * (3 << 20) + b'"}',
    b'{"hook_event_name":"SessionStart"}',
]


@contextlib.contextmanager
def agent_shell(tool, name="tester", user=None):
    """An agent that runs each line it is given as a tool call."""
    agent = subprocess.Popen(
        ["sh", "-c", "while read -r line; do sh -c \"$line\"; echo done; done"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=tool.directory, text=True, env=tool.environment({"AI_AGENT": name}),
        **({} if user is None else {"user": user, "group": user, "extra_groups": []}))

    def call(line):
        agent.stdin.write(line + "\n")
        agent.stdin.flush()
        lines = []
        while (answer := agent.stdout.readline().rstrip("\n")) != "done":
            check(answer != "" or agent.poll() is None, "the agent has ended")
            lines.append(answer)
        return lines

    try:
        yield agent, call
    finally:
        agent.kill()
        agent.communicate()


def listed(service, pid):
    entries = json.loads(service.ask("agents", "list", "--format", "json").out)
    return next((entry for entry in entries if entry["root"]["pid"] == pid), None)


def register(service, *options):
    return f"{service.tool.program} agents register --strict --config {service.config} {' '.join(options)}"


@case
def a_hook_names_the_session(tool):
    with Service(tool) as service, agent_shell(tool) as (agent, call):
        for number, hook in enumerate(HOOKS):
            tool.write("hook", json.dumps(hook))
            check(call(register(service, "<hook; echo $?")) == ["0"], f"{hook} is not taken")
            entry = listed(service, agent.pid)
            check(entry["agent"]["session_id"] == hook["session_id"], f"{hook}: {entry['agent']}")
            check("registration" in entry["agent"]["recognised_by"], entry["agent"])
            check(number or entry["agent"]["name"] == "tester", entry["agent"])
        check(call(register(service, f"'{json.dumps(NOTIFY)}'", "</dev/null; echo $?")) == ["0"], "notify is not taken")
        check(listed(service, agent.pid)["agent"]["session_id"] == "th-9", "notify names no session")


@case
def it_never_holds_an_agent_up(tool):
    """Exit 0 and nothing on stdout: without a daemon, with one that hangs, with a pipe that stays open, with any input."""
    config = tool.write("none.yaml", f"runtime_dir: {tool.path('nosuch')}\n")
    words = [tool.program, "agents", "register", "--config", config]
    for text in HOSTILE + [json.dumps(HOOKS[0]).encode()]:
        begun = time.monotonic()
        done = subprocess.run(words, input=text, capture_output=True, cwd=tool.directory, check=False, timeout=10)
        check(done.returncode == 0 and done.stdout == b"", f"{text[:40]}: exit {done.returncode}, {done.stdout[:80]}")
        check(time.monotonic() - begun < 1.5, f"{text[:40]}: {time.monotonic() - begun:.1f} s")
    for extra in (["--nosuch"], ["--config", "/nonexistent"], ["a", "b"], ["--agent", "a b"], ["--session", "x y"]):
        done = subprocess.run([*words, *extra], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=10)
        check(done.returncode == 0 and done.stdout == b"" and done.stderr, f"{extra}: exit {done.returncode}")
        done = subprocess.run([*words, "--strict", *extra], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=10)
        check(done.returncode in (1, 64, 69, 78), f"--strict {extra}: exit {done.returncode}")
    read, write = os.pipe()
    begun = time.monotonic()
    done = subprocess.run(words, stdin=read, capture_output=True, check=False, timeout=10)
    check(done.returncode == 0 and time.monotonic() - begun < 1.5, f"an open pipe: {time.monotonic() - begun:.1f} s")
    os.close(write)
    os.close(read)
    os.mkdir(tool.path("mute"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as mute:
        mute.bind(tool.path("mute/culprit.sock"))
        mute.listen(0)
        config = tool.write("mute.yaml", f"runtime_dir: {tool.path('mute')}\n")
        for _ in range(3):
            begun = time.monotonic()
            done = subprocess.run(
                [tool.program, "agents", "register", "--config", config, "--session", "s"], stdin=subprocess.DEVNULL,
                capture_output=True, check=False, timeout=10)
            check(done.returncode == 0 and time.monotonic() - begun < 2.5, f"a daemon that hangs: {time.monotonic() - begun:.1f} s")


@case
def nobody_registers_for_another(tool):
    """Not what the caller does not descend from, not a session that another tree works under, not for another user."""
    with Service(tool) as service, agent_shell(tool, "first") as (first, call), agent_shell(tool, "second") as (second, steal):
        check(call(register(service, "--session", "one", "</dev/null; echo $?")) == ["0"], "it is not taken")
        check(steal(register(service, "--session", "one", "</dev/null 2>err; echo $?")) == ["77"], "a session is taken over")
        with open(tool.path("err"), encoding="utf-8") as file:
            check("that session is first's" in file.read(), "it does not say whose it is")
        check(listed(service, second.pid)["agent"]["session_id"] is None, "the refused id is kept")
        result = tool.run("agents", "register", "--strict", "--session", "x", "--config", service.config)
        check(result.code == 77 and "no agent is above" in result.err, f"exit {result.code}, {result.err!r}")
        # Through another's process that lives on: the claim is the caller's own, whatever it says of pids.
        with service.connect() as client:
            client.sendall(b'{"v":1,"ask":"register","session":"y","pid":%d,"root":false}\n' % first.pid)
            check(b'"code":77' in client.recv(4096), "a stranger registers for an agent")
        check(listed(service, first.pid)["agent"]["session_id"] == "one", "the session of another is changed")


@case
def a_caller_that_is_gone_is_nobody(tool):
    """The connection is handed on to another process, and who made it ends: its pid says nothing any more."""
    script = (
        "import os, socket, sys, time\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); parent = os.getpid()\n"
        "if os.fork(): os._exit(0)\n"
        "while os.getppid() == parent: time.sleep(0.01)\n"
        "time.sleep(0.1); s.sendall(b'{\"v\":1,\"ask\":\"register\",\"session\":\"z\"}\\n'); print(s.recv(4096).decode())\n")
    tool.write("gone.py", script)
    with Service(tool) as service, agent_shell(tool) as (agent, call):
        answer = call(f"python3 gone.py {tool.path('run/culprit.sock')} >answer; until [ -s answer ]; do sleep 0.05; done; cat answer")
        check(answer and '"code":77' in answer[0], answer)
        check(listed(service, agent.pid)["agent"]["session_id"] is None, "it was taken all the same")


@case
def who_names_itself_is_the_one_that_asks(tool):
    """`--agent` makes the caller's own caller an agent, and nothing above it."""
    with Service(tool) as service:
        script = f"{register(service, '--agent', 'homemade', '--session', 'h-1', '</dev/null')}; echo $$ $?; exec sleep 20"
        outer = subprocess.Popen(["sh", "-c", f"sh -c '{script}'; true"], stdout=subprocess.PIPE, text=True, cwd=tool.directory)
        try:
            pid, code = outer.stdout.readline().split()
            check(code == "0", f"exit {code}")
            entry = listed(service, int(pid))
            check(entry and entry["agent"] == {"name": "homemade", "session_id": "h-1", "recognised_by": ["registration"]}, entry)
            check(listed(service, outer.pid) is None, "what is above it became an agent")
        finally:
            subprocess.run(["pkill", "-P", str(outer.pid)], check=False)
            outer.kill()
            outer.communicate()


def has_manager():
    return os.path.exists("/run/systemd/private") and stat.S_ISSOCK(os.stat("/run/systemd/private").st_mode)


@case
def run_becomes_the_command(tool):
    """Exit code, signal, streams and pid are the command's; the markers are set."""
    script = "cat; echo $AI_AGENT ${#AI_AGENT_SESSION_ID} $$ >&2; exit 7"
    process = subprocess.Popen(
        [tool.program, "agents", "run", "--agent", "mine", "--", "sh", "-c", script], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tool.directory, env=tool.environment(None))
    out, err = process.communicate("through\n", timeout=20)
    check(process.returncode == 7 and out == "through\n", f"exit {process.returncode}, {out!r}, {err!r}")
    check(f"mine 36 {process.pid}\n" in err, err)
    if not has_manager():
        check("no scope of its own" in err, err)
    check(tool.run("agents", "run", "--agent", "mine", "--", "sh", "-c", "kill -TERM $$").code == -15, "not by its signal")
    for name, code in (("nosuch-command", 127), ("/etc/passwd", 126)):
        check(tool.run("agents", "run", "--agent", "mine", "--", name).code == code, name)
    shown = tool.run("agents", "run", "--agent", "mine", "--", "sh", "-c", "yes | head -n 1; yes | (exec sleep 0); trap")
    check(shown.code == 0 and shown.out.startswith("y\n"), shown.out)
    done = tool.on_terminal("agents", "run", "--agent", "mine", "--", "sh", "-c", "tty; test -t 0 && test -t 1 && exit 9")
    check(done.code == 9 and "/dev/" in done.out, done.out)


@case
def run_without_root_and_without_a_manager(tool):
    needs_root()
    os.chmod(tool.directory, 0o777)
    copy = tool.path("culprit-for-all")
    subprocess.run(["cp", tool.program, copy], check=True)
    done = subprocess.run(
        [copy, "agents", "run", "--agent", "mine", "--", "sh", "-c", "id -u; exit 4"], user=NOBODY, group=NOBODY,
        extra_groups=[], cwd="/", capture_output=True, text=True, check=False, timeout=20)
    check(done.returncode == 4 and done.stdout == f"{NOBODY}\n", f"exit {done.returncode}: {done.stderr}")
    check("no scope of its own" in done.stderr, done.stderr)
    done = subprocess.run(
        [copy, "agents", "run", "--agent", "mine", "--max-memory", "1GiB", "--", "touch", tool.path("ran")], user=NOBODY,
        group=NOBODY, extra_groups=[], cwd="/", capture_output=True, text=True, check=False, timeout=20)
    check(done.returncode == 99 and not os.path.exists(tool.path("ran")), f"exit {done.returncode}: {done.stderr}")
    check("no limit can be set" in done.stderr, done.stderr)


@case
def run_is_particular(tool):
    for options in (
        ["--agent", "a b"], ["--agent", "../x"], ["--agent", "x", "--max-memory", "much"], ["--agent", "x", "--cpu-weight", "0"],
        ["--agent", "x", "--max-processes", "0"], ["--agent", "x", "--session", "a b"], [],
    ):
        result = tool.run("agents", "run", *options, "--", "true")
        check(result.code == 64, f"{options}: exit {result.code}, {result.err!r}")
    check(tool.run("agents", "run", "--agent", "x").code == 64, "nothing to run")


@case
def run_is_registered(tool):
    with Service(tool) as service:
        agent = subprocess.Popen(
            [tool.program, "agents", "run", "--config", service.config, "--agent", "mine", "--session", "s-77", "--", "sleep", "30"],
            env=tool.environment(None), cwd=tool.directory, stderr=subprocess.PIPE, text=True)
        try:
            entry = wait_until("it is listed", lambda: listed(service, agent.pid))
            check(entry["agent"]["name"] == "mine" and entry["agent"]["session_id"] == "s-77", entry["agent"])
            check("registration" in entry["agent"]["recognised_by"], entry["agent"])
            check(entry["processes"]["now"] == 1, entry["processes"])
        finally:
            agent.kill()
            agent.communicate()
