import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// Somebody changed a file of the unit, and a later start fails: who asked for that start is not certain to be why.
@Suite struct ChangedUnitFileTests {
    private let file = "/etc/systemd/system/prod.service.d/env.conf"

    private func write(_ scene: UnitScene, _ writer: ProcessKey?) {
        scene.take(
            Event(
                time: scene.tick(), source: .fanotify, process: writer,
                body: .unitFile(
                    UnitFileChange(path: file, step: .written, manager: .system, writer: writer?.pid ?? 0))))
    }

    /// The unit is known, with those files.
    private func known(_ scene: UnitScene, _ files: [String] = []) {
        let state = UnitState(
            unit: scene.unit, active: "active", sub: "running", type: "simple",
            files: ["/etc/systemd/system/prod.service"] + files)
        scene.take(Event(time: scene.tick(), source: .systemd, body: .unit(state)))
    }

    private func reload(_ scene: UnitScene, _ parent: ProcessKey) {
        scene.call(scene.start(parent, "/usr/bin/systemctl"), "Reload", [], .done)
    }

    private func restart(_ scene: UnitScene, _ parent: ProcessKey) -> ProcessKey {
        let client = scene.start(parent, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        return client
    }

    private func isNamed(_ incident: Incident) -> Bool {
        incident.verdict.alternatives.contains { $0.outcome == .agent && $0.mechanism == .configChange }
    }

    @Test(arguments: [0, 600_000] as [UInt64]) func aPersonsRestartOfWhatAnAgentChanged(later: UInt64) throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        known(scene, [file])
        scene.wait(later)
        let client = restart(scene, scene.shell)
        let incident = scene.failsToStart { _ in }
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .likely, client))
        #expect(isNamed(incident) && incident.exonerated == [])
        #expect(incident.verdict.rules.contains("config.changed-file"))
        #expect(incident.verdict.summary.contains("wrote \(file) since prod.service last came up"))
        #expect(incident.evidence.contains { $0.kind == "unit-file" && $0.process?.key == shell })
    }

    @Test func theMachinesOwnRestart() throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        let cron = scene.start(scene.pid1, "/usr/sbin/cron", cgroup: 8)
        let client = restart(scene, scene.start(cron, "/bin/sh"))
        let incident = scene.failsToStart { _ in }
        #expect(Ruling(incident) == Ruling(.system, .scheduled, .likely, client))
        #expect(isNamed(incident) && incident.exonerated == [])
    }

    /// Nobody asked for what had run before, or nobody was seen writing.
    @Test func aStartThatExits() throws {
        for isSeen in [true, false] {
            let scene = try UnitScene()
            known(scene)
            let (_, shell) = scene.agent()
            write(scene, isSeen ? shell : nil)
            reload(scene, shell)
            let incident = scene.failsToStart { _ in }
            #expect(Ruling(incident) == Ruling(.self, .exit, .likely, scene.judgedMain))
            #expect(isNamed(incident) == isSeen && incident.exonerated == [])
        }
    }

    /// `systemctl revert` has the manager remove what was added to the unit.
    @Test func whoHasTheManagerChangeItsFiles() throws {
        for isAsked in [true, false] {
            let scene = try UnitScene()
            known(scene)
            let (root, shell) = scene.agent()
            let client = scene.start(shell, "/usr/bin/systemctl")
            if isAsked {
                scene.call(client, "RevertUnitFiles", [], .done, arguments: [.list(["prod.service"])])
            }
            write(scene, scene.pid1)
            reload(scene, shell)
            let theirs = restart(scene, scene.shell)
            let incident = scene.failsToStart { _ in }
            #expect(Ruling(incident) == Ruling(.operator, .managerRequest, isAsked ? .likely : .proven, theirs))
            #expect(isNamed(incident) == isAsked && incident.exonerated == (isAsked ? [] : [root.pid]))
        }
    }

    /// Type=notify for what does not notify: the start is given up.
    @Test func aStartThatIsNotDoneInTime() throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        scene.exit(scene.prod, .signal(.abort))
        let incident = scene.failsToStart(.signal(.terminate), ranBefore: false) { main in
            scene.wait(10_000)
            scene.signal(scene.pid1, .terminate, to: main)
            scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
        }
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(isNamed(incident) && incident.exonerated == [])
    }

    /// EnvironmentFile= of a file that is not there: nothing of it is run, and nobody stopped anything.
    @Test func aStartOfWhichNothingIsRun() throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        scene.exit(scene.prod, .signal(.abort))
        scene.queued(scene.newJob(), "restart")
        let at = scene.tick()
        scene.facts.failedStart = .init(at: at, main: nil, status: nil)
        scene.facts.result = "resources"
        scene.queued(scene.newJob(), "restart")
        scene.wait(2_500)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .failedToStart, at: at, mainBefore: nil, status: nil, systemd: scene.facts),
                settledAt: scene.tick()))
        #expect(Ruling(incident) == Ruling(.unknown, .unknown, .none, nil))
        #expect(incident.verdict.summary.contains("did not come up, and nothing of it was run"))
        #expect(incident.verdict.summary.contains("Result=resources"))
        #expect(isNamed(incident) && incident.exonerated == [])
    }

    /// It came up with the change, and ended seconds later; or much later.
    @Test(arguments: [5_000, 90_000] as [UInt64]) func aRunThatEndsSoon(after lasted: UInt64) throws {
        let scene = try UnitScene()
        known(scene)
        let (root, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        let client = restart(scene, scene.shell)
        #expect(Ruling(scene.prodEnds()) == Ruling(.operator, .managerRequest, .proven, client))
        scene.wait(lasted)
        let incident = scene.prodEnds(.code(1))
        let isSoon = lasted < 60_000
        #expect(Ruling(incident) == Ruling(.self, .exit, isSoon ? .likely : .proven, scene.judgedMain))
        #expect(isNamed(incident) == isSoon && incident.exonerated == (isSoon ? [] : [root.pid]))
    }

    // MARK: What changes nothing

    @Test func whoChangedItRestartsIt() throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        let client = restart(scene, shell)
        let incident = scene.failsToStart { _ in }
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        let other = try UnitScene()
        known(other)
        write(other, other.start(other.shell, "/usr/bin/vim"))
        reload(other, other.shell)
        let theirs = restart(other, other.shell)
        #expect(Ruling(other.failsToStart { _ in }) == Ruling(.operator, .managerRequest, .proven, theirs))
    }

    @Test func aRestartThatWorks() throws {
        let scene = try UnitScene()
        known(scene)
        let (root, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        let client = restart(scene, scene.shell)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid] && !incident.verdict.rules.contains("config.changed-file"))
    }

    /// A good start came in between; the manager was not told; it does not know that file.
    @Test func whatTheStartDidNotFailOf() throws {
        let ways: [(UnitScene, ProcessKey) -> Void] = [
            { scene, shell in
                write(scene, shell)
                reload(scene, shell)
                scene.exit(scene.prod, .code(0))
                scene.startProd()
                scene.wait(20_000)
            },
            { scene, shell in write(scene, shell) },
            { scene, shell in
                write(scene, shell)
                scene.wait(600_000)
                known(scene)
            },
        ]
        for way in ways {
            let scene = try UnitScene()
            known(scene)
            let (root, shell) = scene.agent()
            way(scene, shell)
            let client = restart(scene, scene.shell)
            let incident = scene.failsToStart { _ in }
            #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
            #expect(incident.exonerated == [root.pid])
        }
    }

    /// An address that is held explains it.
    @Test func anotherReasonIsKnown() throws {
        let scene = try UnitScene()
        known(scene)
        let (_, shell) = scene.agent()
        write(scene, shell)
        reload(scene, shell)
        let server = scene.start(scene.shell, "/usr/bin/python3")
        scene.listen(server)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.operator, .portConflict, .proven, server))
    }
}
