"""M55: prod's start hangs until the manager's time for it is over, while an agent works: after prod ended by itself, with the
next start right again; or at a start that a person asked for."""

import os

ALONE = True  # its third start has to be up in time for the verdict on the end before
CASES = {"M55-after-exit": True, "M55-first": False}


def stage(scene, is_running):
    limits = "RestartSec=1ms\nTimeoutStartSec=1500ms" if is_running else "TimeoutStartSec=4s"
    scene.daemon("prod", "--stuck-when /lab/stuck", service=limits, enabled=is_running)
    scene.install_agent("claude-code", "root")


def act(scene, is_running):
    before = scene.service("prod") if is_running else None
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    scene.script("stuck", "")
    if is_running:
        scene.cue("prod", "exit:3")
        # The second start is stuck and ended, the third is not.
        scene.wait_gone(scene.service("prod", 1))
        os.unlink(scene.at("stuck"))
        scene.expect(
            unit="prod.service", kind="restarted", exit_code=3, outcome="self", mechanism="exit", agent=None,
            confidence=["proven", "likely"], actor=before, main_pid_before=before, exonerated=[claude.innocent])
    else:
        scene.login("office", "root").type("systemctl start prod.service")
        stuck = scene.service("prod")
        scene.wait_gone(stuck)
        scene.expect(
            unit="prod.service", kind="failed-to-start", outcome="self", mechanism="watchdog", agent=None,
            confidence=["likely", "possible"], actor=stuck, exonerated=[claude.innocent])
