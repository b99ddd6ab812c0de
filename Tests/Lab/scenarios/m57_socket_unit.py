"""M57: prod needs a socket unit, and an agent's dev server has its port: nothing of prod is started. Or that server is on
another port, and no interface has the address of the socket unit."""

CASES = {"M57": 8080, "M57-other-port": 8081}
SOCKET = "[Socket]\nListenStream=127.0.0.1:8080\n"
MISSING = "[Socket]\nListenStream=192.0.2.7:8080\n"  # no interface has that address
SERVE = "/lab/as-actor python3 -m http.server --bind 127.0.0.1 {}"
LISTENS = 'until grep -q ":{:04X} 00000000:0000 0A" /proc/net/tcp; do sleep 0.05; done; . /lab/facts.sh; fact listens $$'


def stage(scene, port):
    scene.daemon("prod", unit="Requires=prod.socket\nAfter=prod.socket", enabled=False)
    scene.system_unit("prod.socket", SOCKET if port == 8080 else MISSING, enabled=False)
    scene.install_agent("claude-code", "root")
    scene.install_agent("codex", "root")


def act(scene, port):
    claude = scene.login("console", "root").agent("claude-code")
    codex = scene.login("desk", "root").agent("codex")
    codex.be_busy()
    person = scene.login("office", "op")
    claude.run(SERVE.format(port))
    claude.run(LISTENS.format(port))
    scene.fact("listens")
    person.type("sudo systemctl start prod.service; . /lab/facts.sh; fact tried $$")
    scene.fact("tried")
    truth = {"unit": "prod.service", "kind": "failed-to-start"}
    if port == 8080:
        truth |= {"outcome": "agent", "mechanism": "port-conflict", "confidence": ["proven", "likely"], "agent": "claude-code",
                  "root": claude.fact, "actor": scene.actor(), "exonerated": [codex.innocent], "says": ["prod.socket"]}
    else:
        truth |= {"outcome": ["unknown", "operator"], "agent": None}
    scene.expect(**truth)
