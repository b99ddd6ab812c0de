"""S21: a test runs prod's own program, which takes over prod's UNIX socket; prod sees that it is no longer reached, and exits."""

ALONE = True  # on a busy machine it is looked later at who listens
CASES = {
    "S21": "agent", "S21-brief": "brief", "S21-person": "person", "S21-own": "own", "S21-other-path": "other-path",
    "S21-held": "held",
}
SOCKET = "/run/prod.sock"


def stage(scene, case):
    how = "--keep" if case == "held" else "--exit-when-taken"
    scene.daemon("prod", f"--unix {SOCKET} {how}", restart="no")
    scene.install_agent("claude-code", "root")


def act(scene, case):
    before = scene.service("prod")
    person, office = scene.login("console", "root"), scene.login("office", "op")
    claude = person.agent("claude-code")
    scene.let_run()
    taker = None
    if case == "other-path":
        claude.run("/lab/as-actor /lab/service test --unix /run/other.sock")
        scene.service("test")
        scene.cue("prod", "exit:3")
    elif case == "own":
        claude.be_busy()
        scene.cue("prod", "second")
    elif case == "person":
        claude.be_busy()
        second = scene.login("desk", "root")
        second.type(f"/lab/as-actor /lab/service test --unix {SOCKET} &")
        person, taker = second, scene.actor()
    else:
        limit = f"timeout {scene.seconds(1.5)} " if case == "brief" else ""
        claude.run(f"{limit}/lab/as-actor /lab/service test --unix {SOCKET}")
        taker = scene.actor()
        scene.service("test")
    if case == "held":
        office.type("sudo systemctl restart prod.service")
    scene.wait_gone(before)
    expect(scene, case, before, person, claude, taker)


def expect(scene, case, before, person, claude, taker):
    truth = {"unit": "prod.service", "kind": "failed", "exit_code": 4, "main_pid_before": before, "agent": None}
    if case == "own":
        truth |= {"outcome": "self", "mechanism": "exit", "actor": before, "exonerated": [claude.innocent]}
    elif case == "other-path":
        truth |= {"exit_code": 3, "outcome": "self", "mechanism": "exit", "actor": before}
        truth |= {"exonerated": [claude.innocent]}
    elif case == "person":
        truth |= {"outcome": "operator", "mechanism": "port-conflict", "confidence": "likely", "root": person.first,
                  "actor": taker, "exonerated": [claude.innocent]}
    else:
        truth |= {"outcome": "agent", "mechanism": "port-conflict", "confidence": "likely", "agent": "claude-code",
                  "root": claude.fact, "actor": taker, "says": [SOCKET]}
    if case == "held":
        truth |= {"kind": "failed-to-start", "exit_code": 1}
    scene.expect(**truth)
