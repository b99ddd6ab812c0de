import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A socket unit that does not come up, since somebody has its address, takes the service down that needs it.
@Suite struct FailedListenTests {
    private static let cgroup: UInt64 = 40

    /// The service needs the socket unit; the manager's child for it is refused the port, and nothing of the service is run.
    private func fails(
        _ scene: UnitScene, needed: String? = "prod.socket", alsoFailed: String? = nil, isSaid: Bool = true,
        result: String? = "dependency",
        later: UInt64 = 0, address: [UInt8] = [0, 0, 0, 0]
    ) -> Incident {
        scene.take(
            Event(
                time: scene.tick(), source: .bpf,
                body: .cgroup(
                    .made(
                        CgroupID(rawValue: Self.cgroup), parent: CgroupID(rawValue: 20), name: "prod.socket"))))
        if let needed { scene.state("prod.service", [(.requires, needed)]) }
        scene.exit(scene.prod, .signal(.terminate))
        scene.wait(70_000)
        let listener = scene.fork(scene.pid1, cgroup: Self.cgroup)
        scene.socket(listener, .attempt, on: address)
        scene.exit(listener, .code(1))
        if isSaid {
            scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "resources"], on: "prod.socket")
            scene.logged("be02cf6855d2428ba40df7e9d022f03d", ["JOB_RESULT": "failed"], on: "prod.socket")
        }
        if let alsoFailed {
            scene.logged("be02cf6855d2428ba40df7e9d022f03d", ["JOB_RESULT": "failed"], on: alsoFailed)
        }
        scene.wait(later)
        let at = scene.tick()
        scene.facts.failedStart = .init(at: at, main: nil, status: nil, jobResult: result)
        scene.wait(2_500)
        scene.take(Event(time: scene.tick(), source: .collector, body: .clock(Scene.host.wallOffset)))
        return scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .failedToStart, at: at, mainBefore: nil, status: nil, systemd: scene.facts),
                settledAt: scene.tick()))
    }

    @Test func anAgentHasThePort() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let (other, _) = scene.agent("/usr/bin/codex")
        let server = scene.start(shell, "/usr/bin/python3")
        scene.listen(server)
        let incident = fails(scene)
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, server))
        #expect(incident.verdict.culprit?.root.key == root && incident.exonerated == [other.pid])
        #expect(incident.verdict.summary.contains("was to listen for prod.socket, and did not start prod.service"))
        #expect(incident.evidence.map(\.kind) == ["port-held", "bind-refused", "exit"])
    }

    /// The manager does not say what a unit needs that it has forgotten; the only one that failed right before is it.
    @Test(arguments: [nil, "db.service"]) func whatItNeedsIsNotKnown(alsoFailed: String?) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/python3")
        scene.listen(server)
        let incident = fails(scene, needed: nil, alsoFailed: alsoFailed)
        #expect((Ruling(incident) == Ruling(.agent, .portConflict, .likely, server)) == (alsoFailed == nil))
        #expect((incident.verdict.outcome == .agent) == (alsoFailed == nil))
    }

    @Test func severalHaveIt() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.listen(scene.start(shell, "/usr/bin/python3"), on: [127, 0, 0, 1])
        scene.listen(scene.start(scene.shell, "/usr/bin/python3"), on: [127, 0, 0, 2])
        #expect(fails(scene).verdict.confidence == .possible)
    }

    /// It needs no socket or another, the manager does not say that it failed, it failed of something else or long after, or the manager itself listens there.
    @Test func notThat() throws {
        let ends: [(UnitScene) -> Incident] = [
            { fails($0, needed: "other.service") }, { fails($0, needed: "other.socket") },
            { fails($0, result: "timeout") }, { fails($0, later: 6_000) }, { fails($0, isSaid: false) },
            // Perhaps no interface has it.
            { fails($0, address: [192, 0, 2, 7]) },
        ]
        for end in ends {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            scene.listen(scene.start(shell, "/usr/bin/python3"))
            #expect(end(scene).verdict.mechanism != .portConflict)
        }
        let scene = try UnitScene()
        scene.listen(scene.pid1)
        #expect(fails(scene).verdict.mechanism != .portConflict)
    }
}
