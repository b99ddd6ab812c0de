"""M22: a person becomes root in a shell and restarts prod there by hand, or by a script; an agent is busy."""

CASES = {"M22-shell": "/lab/as-actor systemctl restart prod", "M22-script": "python3 /lab/deploy"}
DEPLOY = """\
import subprocess

subprocess.run(["/lab/as-actor", "busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager", "TryRestartUnit", "ss", "prod.service", "replace"], check=True)
"""


def stage(scene, _command):
    scene.daemon("prod")
    scene.script("deploy", DEPLOY)
    scene.install_agent("claude-code", "dev")


def act(scene, command):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    person = scene.login("office", "op")
    person.type("sudo -i")
    scene.fact("login", 2)
    person.type(command)
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="operator", mechanism="manager-request", confidence="proven",
        agent=None, root=person.first, actor=scene.fact("actor"), main_pid_before=before, exonerated=[claude.innocent])
