"""M15: much is asked of the manager by an agent, and nothing is disrupted: there is no incident."""

ASK = """\
#!/bin/bash
. /lab/facts.sh
systemctl daemon-reload
systemctl start prod.service
systemctl reload prod.service
systemctl kill --signal=CONT prod.service
kill -CONT $(systemctl show -P MainPID prod.service)
systemctl start extra.service
systemctl set-property --runtime prod.service CPUWeight=50
systemctl stop absent.service
systemctl restart absent.service
systemctl list-units >/dev/null
fact asked $$
"""


def stage(scene):
    scene.daemon("prod", service="ExecReload=/bin/true")
    scene.daemon("extra", enabled=False)
    scene.script("ask", ASK)
    scene.install_agent("claude-code", "root")


def act(scene):
    scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run("/lab/ask")
    scene.service("extra")
    scene.fact("asked")
