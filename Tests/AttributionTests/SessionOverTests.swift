import Attribution
import EventModel
import IncidentDetection
import Testing

/// What a session that is over has left, and that it is said where a part of it does harm.
@Suite struct SessionOverTests {
    private func isSaid(_ incident: Incident) -> Bool {
        incident.verdict.rules.contains("tree.session-over") && incident.verdict.summary.contains("session had ended")
    }

    @Test func anOrphanTellsOfTheEndAndOfTheRest() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let orphan = scene.start(shell, "/usr/bin/server")
        let other = scene.start(shell, "/usr/bin/watcher")
        for process in [shell, root] { scene.exit(process, .code(0)) }
        scene.wait(600_000)
        scene.signal(orphan, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, orphan))
        #expect(isSaid(incident))
        #expect(incident.verdict.summary.contains("had ended 10 min before; 1 more process of it was left running"))
        #expect(incident.timeline.filter { $0.kind == "leftover" }.map(\.process?.key) == [other])
        let end = try #require(incident.timeline.first { $0.kind == "session-end" })
        #expect(end.process?.key == root && end.data["left_running"] == .integer(1))
    }

    @Test func whatItLeftHoldsAddresses() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let orphan = scene.start(shell, "/usr/bin/server")
        let other = scene.start(shell, "/usr/bin/watcher")
        scene.listen(other, 3000)
        scene.listen(orphan, 8080)
        scene.listen(shell, 9000)
        scene.socket(shell, .closed, 9000)
        scene.listen(scene.shell, 22)
        for process in [shell, root] { scene.exit(process, .code(0)) }
        scene.signal(orphan, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.summary.hasSuffix("What it left held 0.0.0.0:3000/tcp, 0.0.0.0:8080/tcp."))
        let leftover = try #require(incident.timeline.first { $0.kind == "leftover" })
        #expect(leftover.process?.key == other && leftover.text.hasSuffix(", held 0.0.0.0:3000/tcp"))
        let end = try #require(incident.timeline.first { $0.kind == "session-end" })
        #expect(end.data["addresses"] == .text("0.0.0.0:3000/tcp 0.0.0.0:8080/tcp"))
    }

    @Test func anAgentThatWorksHasNotEnded() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let orphan = scene.start(shell, "/usr/bin/server")
        scene.exit(shell, .code(0))
        scene.signal(orphan, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(!isSaid(incident))
    }

    /// Its launcher has ended, and it goes on as another process.
    @Test func anAgentThatGoesOnHasNotEnded() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        _ = scene.start(root, "/usr/bin/claude")
        scene.exit(root, .code(0))
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.outcome == .agent && !isSaid(incident))
    }

    /// It ended only after what it had asked for was done.
    @Test func anEndAfterTheActIsNone() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(shell, .kill)
        scene.exit(root, .code(0))
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(!isSaid(incident))
    }

    @Test func aPersonHasNoSession() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        scene.exit(root, .code(0))
        let shell = scene.start(scene.start(scene.pid1, "/bin/login", cgroup: 4), "/bin/bash", cgroup: 4)
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(!isSaid(incident))
    }
}
