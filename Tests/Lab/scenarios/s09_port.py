"""S09: a dev server holds the address that prod needs; prod is restarted, cannot bind, and ends."""

CASES = {
    "S09": "agent", "S09-any": "any", "S09-orphan": "orphan", "S09-person": "person", "S09-start-limit": "start-limit",
    "S09-own": "own", "S09-other-port": "other-port", "S09-no-address": "no-address", "S09-worker": "worker",
    # Refused for another reason than the server that is on that port as well.
    "S09-no-address-any": "no-address-any", "S09-no-right": "no-right",
}
PORTS = {"other-port": 8081, "no-right": 80}
SERVE = "/lab/as-actor python3 -m http.server --bind {} {}"
LISTENS = (
    'until grep -q ":{:04X} 00000000:0000 0A" /proc/net/tcp; do sleep 0.05; done; . /lab/facts.sh; fact listens $$')


def stage(scene, case):
    looping = case == "start-limit"
    service = {"worker": "KillMode=process", "no-right": "User=dev"}.get(case, "")
    scene.daemon(
        "prod", "--address-in /lab/address" + (" --children 1" if case == "worker" else ""),
        restart="on-failure" if looping else "no", service=service,
        unit=f"StartLimitIntervalSec={scene.seconds(20)}\nStartLimitBurst=3" if looping else "")
    if case == "worker":
        scene.script("address", "127.0.0.1 8080", 0o644)
    scene.install_agent("claude-code", "root")


def serve(scene, who, address="127.0.0.1", port=8080):
    """Somebody's server, once it listens."""
    who(SERVE.format(address, port))
    who(LISTENS.format(port))
    scene.fact("listens")
    return scene.actor()


def act(scene, case):
    before = scene.service("prod")
    person, office = scene.login("console", "root"), scene.login("office", "op")
    claude = person.agent("claude-code")
    server = None
    if case in ("agent", "start-limit", "own", "any"):
        server = serve(scene, claude.run, "0.0.0.0" if case == "any" else "127.0.0.1")
    elif case in ("other-port", "no-address", "no-address-any", "no-right"):
        serve(scene, claude.run, "0.0.0.0" if case == "no-address-any" else "127.0.0.1", PORTS.get(case, 8080))
    elif case == "orphan":
        server = serve(scene, lambda line: claude.run(f"setsid nohup sh -c {line!r} >/dev/null 2>&1 & disown"))
        claude.quit()
        person.type("exit")
        scene.wait_gone(person.shell)
    elif case == "person":
        office.type(SERVE.format("127.0.0.1", 8080) + " >/dev/null 2>&1 &")
        office.type(LISTENS.format(8080))
        scene.fact("listens")
        server = scene.actor()
    # 192.0.2.0/24 is the documentation's own: no interface has it.
    address = "192.0.2.7 8080" if case.startswith("no-address") else f"127.0.0.1 {80 if case == 'no-right' else 8080}"
    scene.script("address", "127.0.0.1 port" if case == "other-port" else address, 0o644)
    restart = "systemctl restart prod.service"
    if case in ("person", "own"):
        claude.run(restart)
    else:
        office.type("sudo " + restart)
    scene.wait_gone(before)
    expect(scene, case, before, person, office, claude, server)


def expect(scene, case, before, person, office, claude, server):
    truth = {"unit": "prod.service", "kind": "failed-to-start", "exit_code": 1, "main_pid_before": before}
    if case == "person":
        truth |= {"outcome": "operator", "mechanism": "port-conflict", "confidence": "proven", "agent": None,
                  "root": office.first, "actor": server, "exonerated": [claude.innocent]}
    elif case == "worker":
        truth |= {"outcome": "self", "mechanism": "port-conflict", "confidence": "proven", "agent": None,
                  "actor": scene.fact("child"), "exonerated": [claude.innocent]}
    elif server:
        truth |= {"outcome": "agent", "mechanism": "port-conflict", "confidence": "proven", "agent": "claude-code",
                  "root": claude.fact, "actor": server}
    else:
        # Nobody is in the way: whoever asked for the restart set it off, as with any start that fails.
        truth |= {"outcome": "operator", "mechanism": "manager-request", "confidence": ["proven", "likely"],
                  "agent": None, "root": office.first, "exonerated": [claude.innocent]}
    scene.expect(**truth)
