"""M30: the agent isolates a target that prod is no part of; a second agent is busy."""

QUIET = """\
[Unit]
Description=Little else
AllowIsolate=yes
Requires=basic.target culprit.service lab-gate.service dbus.service systemd-logind.service
After=basic.target
"""


def stage(scene):
    scene.daemon("prod")
    scene.system_unit("quiet.target", QUIET, enabled=False)
    for kind in ("claude-code", "codex"):
        scene.install_agent(kind, "root")


def act(scene):
    before = scene.service("prod")
    codex = scene.login("second", "root").agent("codex")
    codex.be_busy()
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("exec /lab/as-actor systemctl isolate quiet.target")
    scene.wait_gone(before)
    scene.expect(
        unit="prod.service", kind="stopped", outcome="agent", mechanism="host-shutdown",
        confidence=["proven", "likely"], agent="claude-code", root=claude.fact, actor=scene.fact("actor"),
        main_pid_before=before, exonerated=[codex.innocent])
    scene.allow_others("all that the target does not want is stopped")
