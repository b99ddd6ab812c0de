"""S14: an unattended upgrade, started by its timer, installs a package whose hook restarts prod. An agent is busy."""

TIMER = "[Unit]\nAfter=culprit.service\n[Timer]\nOnActiveSec=100ms\nAccuracySec=10ms\n"
UPGRADE = """\
[Unit]
Description=Daily apt upgrade and clean activities
[Service]
Type=oneshot
ExecStart=/usr/bin/unattended-upgrade
"""
PROGRAM = """\
#!/bin/sh
. /lab/facts.sh
fact upgrade $$
until [ -e /lab/cue.upgrade ]; do sleep 0.1; done
dpkg-deb -b /lab/prod /lab/prod.deb && dpkg -i /lab/prod.deb
"""
CONTROL = "Package: prod\nVersion: 2\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: prod\n"
HOOK = "#!/bin/sh\nset -e\n. /lab/facts.sh\nfact hook $$\n/lab/as-actor systemctl restart prod.service\n"


def stage(scene):
    scene.daemon("prod")
    scene.script("prod/DEBIAN/postinst", HOOK)
    scene.script("prod/DEBIAN/control", CONTROL, 0o644)
    scene.lab.write("usr/bin/unattended-upgrade", PROGRAM, 0o755)
    scene.system_unit("apt-daily-upgrade.service", UPGRADE, enabled=False)
    scene.system_unit("apt-daily-upgrade.timer", TIMER)
    scene.install_agent("claude-code", "dev")


def act(scene):
    before = scene.service("prod")
    claude = scene.login("laptop", "dev").agent("claude-code")
    claude.be_busy()
    scene.cue("upgrade", "now")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="system", mechanism="scheduled", confidence=["proven", "likely"],
        agent=None, root=[scene.fact("upgrade"), scene.fact("hook")], actor=scene.fact("actor"), main_pid_before=before,
        exonerated=[claude.innocent])
