import AgentRecognition
import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// Work that a manager started because somebody had asked for it.
@Suite struct RequestedWorkTests {
    /// `unit` of whoever asks for it; the manager starts it, and its process does what is asked of prod.
    private func ask(_ scene: UnitScene, _ caller: ProcessKey, unit: String, _ answer: UnitScene.Answer = .job(7)) {
        scene.call(caller, "StartTransientUnit", [unit, "fail"], answer)
    }

    private func makes(
        _ scene: UnitScene, _ cgroup: UInt64, _ unit: String, by maker: ProcessKey? = nil
    ) -> ProcessKey {
        scene.take(
            Event(
                time: scene.tick(), source: .bpf,
                body: .cgroup(.made(CgroupID(rawValue: cgroup), parent: CgroupID(rawValue: 20), name: unit))))
        return scene.start(maker ?? scene.pid1, "/bin/sh", cgroup: cgroup)
    }

    private func restarts(_ scene: UnitScene, _ worker: ProcessKey) -> (client: ProcessKey, incident: Incident) {
        let client = scene.start(worker, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job), serial: 8)
        scene.runs(job)
        return (client, scene.prodEnds())
    }

    @Test func whatAnAgentHadStartedIsTheAgents() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let run = scene.start(shell, "/usr/bin/systemd-run")
        ask(scene, run, unit: "run-u1.service")
        scene.exit(run, .code(0))
        let worker = makes(scene, 60, "run-u1.service")
        let (client, incident) = restarts(scene, worker)
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        let culprit = try #require(incident.verdict.culprit)
        #expect(culprit.chain.map(\.key) == [root, shell, run, worker, client])
        #expect(incident.exonerated == [])
        #expect(incident.verdict.rules.contains("tree.request"))
        let request = try #require(incident.evidence.first { $0.kind == "request" })
        #expect(request.process?.key == run && request.rule == "tree.request")
        #expect(request.text.hasSuffix("asked for it: StartTransientUnit run-u1.service"))
        #expect(incident.evidence.contains { $0.kind == "start" && $0.process?.key == worker })
    }

    /// The request is long out of the window, and so is the client.
    @Test func aTimersWorkAnHourLater() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let run = scene.start(shell, "/usr/bin/systemd-run")
        ask(scene, run, unit: "later.timer")
        scene.exit(run, .code(0))
        scene.wait(3_600_000)
        let (client, incident) = restarts(scene, makes(scene, 60, "later.service"))
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.verdict.culprit?.root.key == root)
    }

    @Test func aPersonsRequestIsThePersonsWhileAnAgentAsksForOtherWork() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let theirs = scene.start(shell, "/usr/bin/systemd-run")
        ask(scene, theirs, unit: "run-u1.service")
        _ = makes(scene, 60, "run-u1.service")
        let run = scene.start(scene.shell, "/usr/bin/systemd-run")
        ask(scene, run, unit: "run-u2.service")
        let (client, incident) = restarts(scene, makes(scene, 61, "run-u2.service"))
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.verdict.culprit?.root.key == scene.shell)
        #expect(incident.exonerated == [root.pid])
    }

    @Test func anAgentsNameThatAPersonUsesAgain() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        ask(scene, scene.start(shell, "/usr/bin/systemd-run"), unit: "backup.service")
        _ = makes(scene, 60, "backup.service")
        scene.wait(5000)
        ask(scene, scene.start(scene.shell, "/usr/bin/systemd-run"), unit: "backup.service", .job(8))
        let (client, incident) = restarts(scene, makes(scene, 61, "backup.service"))
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func aRefusedRequestLeadsNowhere() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        ask(scene, scene.start(shell, "/usr/bin/systemd-run"), unit: "backup.service", .refused)
        let (_, incident) = restarts(scene, makes(scene, 60, "backup.service"))
        #expect(incident.verdict.outcome != .agent)
    }

    @Test func workOfWhoeverIsNotKnownIsNobodys() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/tmux")
        let pane = scene.fork(server)
        scene.table.link(
            pane, RequestEdge(requester: nil, via: "a new pane", at: scene.tick(), certainty: .open), at: scene.tick())
        let (_, incident) = restarts(scene, pane)
        #expect(incident.verdict.outcome == .unknown)
        #expect(incident.verdict.summary.contains("by whom is not known"))
        #expect(incident.verdict.exonerated.isEmpty)
    }

    @Test func whatIsInferredIsLikelyAtMost() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/tmux")
        let pane = scene.start(scene.pid1, "/bin/bash")
        scene.table.link(
            pane, RequestEdge(requester: client, via: "a new pane", at: scene.tick(), certainty: .inferred),
            at: scene.tick())
        let (actor, incident) = restarts(scene, pane)
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .likely, actor))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.evidence.contains { $0.kind == "start" && $0.text.contains("inferred") })
    }

    /// What a container runs, and what its daemons do to it, wherever their cgroups are.
    @Test(arguments: ["docker-1f2e.scope", "docker.service", "session-7.scope"])
    func whatAContainersDaemonStartsForNobodyThatIsKnown(unit: String) throws {
        let scene = try UnitScene()
        _ = scene.agent()
        let containerd = scene.start(scene.pid1, "/usr/bin/containerd", cgroup: 22)
        let shim = scene.start(containerd, "/usr/bin/containerd-shim-runc-v2")
        let worker = makes(scene, 60, unit, by: shim)
        let (_, incident) = restarts(scene, worker)
        #expect(incident.verdict.outcome == .unknown)
        #expect(incident.verdict.summary.contains("containerd-shim acts for whoever asks it"))
        #expect(incident.verdict.exonerated.isEmpty)
    }

    /// What a daemon does itself, somebody may have asked for; what a supervisor keeps running is a service.
    @Test(arguments: ["dockerd", "containerd-shim-runc-v2", "supervisord"])
    func whatADaemonDoesForNobodyThatIsKnown(program: String) throws {
        let scene = try Scene()
        _ = scene.agent()
        let daemon = scene.start(scene.pid1, "/usr/bin/\(program)", cgroup: 5)
        scene.signal(daemon, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.outcome == .unknown && incident.verdict.exonerated.isEmpty)
        let other = try Scene()
        let worker = other.start(other.start(other.pid1, "/usr/bin/\(program)", cgroup: 5), "/opt/worker")
        other.signal(worker, .kill)
        let expected: Outcome = program == "supervisord" ? .system : .unknown
        #expect(try #require(other.ends(.signal(.kill))).verdict.outcome == expected)
    }

    /// Some systems open a session for a job: that does not make it a person's.
    @Test func aJobOfAtIsNobodysWhereWhoLeftItIsNotKnown() throws {
        let scene = try UnitScene()
        _ = scene.agent()
        let atd = scene.start(scene.pid1, "/usr/sbin/atd", cgroup: 22)
        let job = makes(scene, 60, "session-7.scope", by: scene.fork(atd))
        let (_, incident) = restarts(scene, job)
        #expect(incident.verdict.outcome == .unknown)
        #expect(incident.verdict.summary.contains("atd acts for whoever asks it"))
    }
}
