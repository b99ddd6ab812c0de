"""M55: prod ends by itself, and its next start hangs until the manager's time for it is over, while an agent works."""

import os


def stage(scene):
    scene.daemon("prod", "--stuck-when /lab/stuck", service="TimeoutStartSec=2s")
    scene.install_agent("claude-code", "root")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.be_busy()
    scene.script("stuck", "")
    scene.cue("prod", "exit:3")
    # The second start is stuck and ended; the third may be as well.
    scene.wait_gone(scene.service("prod", 1))
    os.unlink(scene.at("stuck"))
    scene.expect(
        unit="prod.service", outcome="self", agent=None, main_pid_before=before, exonerated=[claude.innocent])
    scene.allow_others("the start that hung")
