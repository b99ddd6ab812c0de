import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// What a service does that somebody had started by its name, however long ago that was.
@Suite struct StartedServiceTests {
    private let canary = "canary.service"

    private func ask(_ scene: UnitScene, _ parent: ProcessKey, _ member: String = "StartUnit", refused: Bool = false) {
        scene.call(
            scene.start(parent, "/usr/bin/systemctl"), member, [canary, "replace"],
            refused ? .refused : .job(scene.newJob()))
    }

    /// The manager starts a process of it.
    private func begins(_ scene: UnitScene, _ cgroup: UInt64 = 60) -> ProcessKey {
        scene.take(
            Event(
                time: scene.tick(), source: .bpf,
                body: .cgroup(.made(CgroupID(rawValue: cgroup), parent: CgroupID(rawValue: 20), name: canary))))
        return scene.start(scene.pid1, "/opt/canary", cgroup: cgroup)
    }

    private func state(_ scene: UnitScene, _ active: String, _ sub: String) {
        let state = UnitState(
            unit: UnitID(manager: .system, name: canary), active: active, sub: sub, type: "simple",
            files: ["/etc/systemd/system/\(canary)"])
        scene.take(Event(time: scene.tick(), source: .systemd, body: .unit(state)))
    }

    /// It listens where prod does, whose start then fails.
    private func isInTheWay(_ scene: UnitScene, _ worker: ProcessKey) -> Incident {
        scene.listen(worker)
        return scene.failsToStart { scene.socket($0, .attempt) }
    }

    @Test(arguments: [20_000, 50_000, 70_000, 3_600_000] as [UInt64]) func oneAnswerWhateverItsAge(later: UInt64) throws
    {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        ask(scene, shell)
        let worker = begins(scene)
        state(scene, "active", "running")
        scene.wait(later)
        let incident = isInTheWay(scene, worker)
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, worker))
        #expect(incident.verdict.culprit?.root.key == root && incident.exonerated == [])
    }

    @Test func theRequestIsTold() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        ask(scene, shell)
        let worker = begins(scene)
        scene.wait(600_000)
        let incident = isInTheWay(scene, worker)
        #expect(incident.verdict.rules.contains("tree.request"))
        #expect(incident.evidence.contains { $0.kind == "request" && $0.text.hasSuffix("to start canary.service") })
    }

    /// It ends, and its manager starts it again; or a person restarts it.
    @Test(arguments: [true, false]) func whatIsRestartedIsStillIts(isAutomatic: Bool) throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        ask(scene, shell)
        let first = begins(scene)
        state(scene, "active", "running")
        scene.wait(600_000)
        if !isAutomatic { ask(scene, scene.shell, "RestartUnit") }
        scene.exit(first, .code(1))
        state(scene, isAutomatic ? "activating" : "inactive", isAutomatic ? "auto-restart" : "dead")
        let worker = begins(scene, 61)
        state(scene, "active", "running")
        scene.wait(600_000)
        let incident = isInTheWay(scene, worker)
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, worker))
        #expect(incident.verdict.culprit?.root.key == root)
    }

    @Test func aPersonsServiceIsThePersons() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        ask(scene, scene.shell)
        let worker = begins(scene)
        scene.wait(600_000)
        let incident = isInTheWay(scene, worker)
        #expect(Ruling(incident) == Ruling(.operator, .portConflict, .likely, worker))
        #expect(incident.exonerated == [root.pid])
    }

    // MARK: What is not the agent's

    /// It ran before, and the agent had it restarted: not the agent's, and not certainly without it.
    @Test(arguments: ["RestartUnit", "StartUnit"]) func whatRanAlready(member: String) throws {
        let scene = try UnitScene()
        state(scene, "active", "running")
        let (_, shell) = scene.agent()
        scene.wait(600_000)
        if member == "StartUnit" { state(scene, "inactive", "dead") }
        ask(scene, shell, member)
        let worker = begins(scene)
        state(scene, "active", "running")
        scene.wait(600_000)
        let incident = isInTheWay(scene, worker)
        #expect(Ruling(incident) == Ruling(.system, .portConflict, .likely, worker))
        #expect(incident.exonerated == [])
        #expect(incident.verdict.summary.contains("canary.service before"))
    }

    /// Refused; of another unit; long before; stopped, and started by nobody who is known.
    @Test func whatNobodyAskedFor() throws {
        let ways: [(UnitScene, ProcessKey) -> Void] = [
            { _, _ in },
            { scene, shell in ask(scene, shell, refused: true) },
            { scene, shell in
                scene.call(
                    scene.start(shell, "/usr/bin/systemctl"), "StartUnit", ["base.service", "replace"],
                    .job(scene.newJob()))
            },
            { scene, shell in
                ask(scene, shell)
                scene.wait(15_000)
            },
            { scene, shell in
                ask(scene, shell)
                let first = begins(scene)
                state(scene, "active", "running")
                scene.exit(first, .code(0))
                state(scene, "inactive", "dead")
            },
        ]
        for way in ways {
            let scene = try UnitScene()
            let (root, shell) = scene.agent()
            way(scene, shell)
            let worker = begins(scene, 61)
            scene.wait(600_000)
            let incident = isInTheWay(scene, worker)
            #expect(Ruling(incident) == Ruling(.system, .portConflict, .proven, worker))
            #expect(incident.exonerated == [root.pid])
        }
    }
}
