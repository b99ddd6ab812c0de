"""M59: an agent leaves a server behind that has nothing of its environment; the collector is started after that, and prod
cannot have the port. Whether a person or the agent left it in that session nobody can know by then."""

SERVE = "env -i /usr/bin/setsid -f /usr/bin/python3 -m http.server --bind 127.0.0.1 8080 >/dev/null 2>&1"
LISTENS = 'until grep -q ":1F90 00000000:0000 0A" /proc/net/tcp; do sleep 0.05; done; . /lab/facts.sh; fact listens $$'


def stage(scene):
    scene.collector_waits()
    scene.daemon("prod", "--port 8080", restart="no", enabled=False)
    scene.install_agent("claude-code", "root")


def act(scene):
    claude = scene.login("console", "root").agent("claude-code")
    person = scene.login("office", "op")
    claude.run(SERVE)
    claude.run(LISTENS)
    scene.fact("listens")
    scene.start_collector()
    scene.let_run()
    person.type("sudo systemctl start prod.service; . /lab/facts.sh; fact tried $$")
    scene.fact("tried")
    scene.expect(
        unit="prod.service", kind="failed-to-start", outcome="unknown", mechanism="port-conflict", confidence="none", agent=None,
        says=["claude-code"])
