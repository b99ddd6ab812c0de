import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// What a marker in the environment proves, and what is said where it and descent disagree.
@Suite struct MarkerTests {
    private static let marked = ["CLAUDECODE": "1"]

    @Test func aPersonsShellThatExportsAMarkerIsNoAgent() throws {
        let scene = try Scene()
        let login = scene.start(scene.start(scene.pid1, "/bin/login", cgroup: 4), "/bin/bash", cgroup: 4)
        let actor = scene.start(login, "/bin/kill", env: Self.marked)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .likely, actor))
        #expect(incident.verdict.rules.contains("confidence.marker-disagrees"))
        #expect(incident.verdict.summary.contains("has CLAUDECODE, which claude-code gives to what it starts"))
        let other = try #require(incident.verdict.alternatives.last)
        #expect(other.outcome == .agent && other.culprit == nil)
        #expect(incident.verdict.culprit?.agent == nil && incident.exonerated == [])
    }

    /// A person had an agent's server make it: the environment is the server's, and says nothing of the person.
    @Test func workThatAPersonHadAnAgentsServerMake() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/server", env: Self.marked)
        let login = scene.start(scene.start(scene.pid1, "/bin/login", cgroup: 4), "/bin/bash", cgroup: 4)
        let client = scene.start(login, "/usr/bin/client")
        let worker = scene.start(server, "/bin/sh", env: Self.marked)
        scene.table.link(
            worker, RequestEdge(requester: client, via: "a new window", at: scene.tick(), certainty: .named),
            at: scene.tick())
        let actor = scene.start(worker, "/bin/kill", env: Self.marked)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, actor))
        let other = try #require(incident.verdict.alternatives.last)
        #expect(other.outcome == .agent && other.whyNot.contains("made by server (pid \(server.pid)) of claude-code"))
        #expect(!incident.verdict.rules.contains("confidence.marker-disagrees"))
    }

    /// `Environment=` of a unit, which the manager hands down.
    @Test func aUnitWithAMarkerIsNoAgent() throws {
        let scene = try Scene()
        let service = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5, env: Self.marked)
        let actor = scene.start(service, "/bin/kill", env: Self.marked)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.system, .signal, .likely, actor))
        #expect(incident.verdict.alternatives.contains { $0.outcome == .agent })
    }

    /// What the subject does to itself is its own, whatever stands in its environment.
    @Test func theSubjectItself() throws {
        let scene = try Scene()
        scene.exec(scene.daemon, "/usr/bin/kaval", env: Self.marked)
        let incident = try #require(scene.ends(.code(3)))
        #expect(incident.verdict.outcome == .`self` && incident.verdict.confidence == .proven)
    }

    @Test func aProgramThatNobodyHasDescribedIsNeverCertain() throws {
        let scene = try Scene()
        let login = scene.start(scene.start(scene.pid1, "/bin/login", cgroup: 4), "/bin/bash", cgroup: 4)
        let program = scene.start(login, "/opt/unknown/agent")
        let actor = scene.start(program, "/bin/sh", env: Self.marked)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, actor))
        #expect(incident.verdict.culprit?.agent?.recognisedBy == ["env"])
        #expect(incident.verdict.rules.contains("confidence.marker-alone"))
        #expect(incident.verdict.summary.contains("is known by CLAUDECODE in the environment alone"))
        #expect(incident.verdict.alternatives.last?.outcome == .operator)
    }

    /// Descent is seen in the kernel, and stands; what disagrees is said.
    @Test func anotherAgentsMarkerInAnAgentsTree() throws {
        let scene = try Scene()
        let root = scene.start(scene.shell, "/usr/bin/codex", env: Self.marked)
        let actor = scene.start(root, "/bin/sh", env: Self.marked)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, actor))
        #expect(incident.verdict.culprit?.agent?.name == "codex")
        #expect(incident.verdict.alternatives.contains { $0.whyNot.contains("CLAUDECODE") })
    }

    @Test func ofNestedAgentsNeitherIsAContradiction() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let inner = scene.start(shell, "/usr/bin/codex", env: Self.marked)
        let actor = scene.start(inner, "/bin/sh", env: ["CLAUDECODE": "1", "CODEX_CI": "1"])
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, actor))
        #expect(incident.verdict.alternatives.isEmpty)
    }

    @Test func theSessionIsTheOneOfTheAct() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        func tool(_ id: String) -> ProcessKey {
            scene.start(root, "/bin/bash", env: ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": id])
        }
        let actor = tool("before")
        _ = tool("after")
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.culprit?.agent?.sessionID == "before")
        #expect(incident.verdict.culprit?.actor.agent?.sessionID == "before")
        let later = try Scene()
        let (agent, _) = later.agent()
        for id in ["one", "two"] {
            _ = later.start(agent, "/bin/bash", env: ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": id])
        }
        later.signal(agent, .kill)
        #expect(try #require(later.ends(.signal(.kill))).verdict.culprit?.agent?.sessionID == "two")
    }
}
