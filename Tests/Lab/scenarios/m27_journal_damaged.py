"""M27: the journal's files are damaged, cut short or vacuumed away while they are read; then the agent restarts prod."""

CASES = {
    "M27-zeros": "for f in /run/log/journal/*/*.journal; do dd if=/dev/zero of=$f bs=4096 seek=60 count=40 conv=notrunc; done",
    "M27-cut": "for f in /run/log/journal/*/*.journal; do truncate -s 200000 $f; done",
    "M27-vacuum": "journalctl --rotate; journalctl --vacuum-size=1",
}


def stage(scene, harm):
    scene.daemon("prod")
    scene.script("harm", f"#!/bin/sh\n{harm}\n")
    scene.install_agent("claude-code", "root")


def act(scene, harm):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/harm; exec /lab/as-actor systemctl restart prod.service")
    scene.service("prod", 1)
    is_kept = "vacuum" in harm
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request",
        confidence="proven" if is_kept else ["proven", "likely"], agent="claude-code", root=claude.fact,
        actor=scene.fact("actor"), main_pid_before=before)
