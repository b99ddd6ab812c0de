import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A daemon that ends processes where memory runs short ended another process of the unit than its main one.
@Suite struct UserspaceOOMUnitTests {
    /// `earlyoom` ends the worker, which is what the main process runs.
    private static func kill(
        _ scene: UnitScene, _ worker: ProcessKey, by path: String = "/usr/bin/earlyoom", _ signal: Signal = .terminate,
        disposition: SignalSent.Disposition = .standard, workerMiB: UInt32 = 40, table sizes: [(ProcessKey, UInt32)]
    ) {
        let killer = scene.start(scene.pid1, path, cgroup: 9)
        scene.host(totalMiB: 2_000, availableMiB: 150)
        scene.signal(killer, signal, to: worker, disposition: disposition)
        scene.exit(worker, disposition == .handler ? .code(0) : .signal(signal), maxMiB: workerMiB)
        scene.table(sizes)
    }

    private static func orphans(_ scene: UnitScene) -> (root: ProcessKey, all: [ProcessKey]) {
        let (root, shell) = scene.agent()
        let all = (0..<3).map { _ in scene.start(shell, "/usr/bin/worker") }
        scene.exit(shell, .code(0))
        scene.exit(root, .code(0))
        scene.wait(30_000)
        return (root, all)
    }

    /// A shell hands the status on, npm the signal; what handles SIGTERM exits.
    @Test(
        arguments: [
            (SignalSent.Disposition.standard, Signal.terminate, EventModel.ExitStatus.code(143)),
            (.standard, .kill, .signal(.kill)), (.handler, .terminate, .code(0)),
        ] as [(SignalSent.Disposition, Signal, EventModel.ExitStatus)]) func whatAWrapperRuns(
            _ disposition: SignalSent.Disposition, _ signal: Signal, _ status: EventModel.ExitStatus
        ) throws
    {
        let scene = try UnitScene()
        let (root, orphans) = Self.orphans(scene)
        let (busy, _) = scene.agent("/usr/bin/codex")
        let worker = scene.start(scene.prod, "/usr/bin/node")
        Self.kill(scene, worker, signal, disposition: disposition, table: orphans.map { ($0, 480) } + [(busy, 30)])
        if let fatal = status.signal { scene.signal(scene.prod, fatal, to: scene.prod) }
        let incident = scene.prodEnds(status)
        #expect(Ruling(incident) == Ruling(.agent, .userspaceOOMKill, .likely, orphans[0]))
        #expect(incident.verdict.culprit?.root.key == root && incident.exonerated == [busy.pid])
        #expect(incident.oom?.victim.key == worker)
        #expect(incident.verdict.summary.contains("its main process then gave up by itself"))
    }

    @Test func theWorkerHeldItItself() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let worker = scene.start(scene.prod, "/usr/bin/node")
        Self.kill(scene, worker, workerMiB: 1_500, table: [(shell, 100)])
        let incident = scene.prodEnds(.code(1), .failed)
        #expect(Ruling(incident) == Ruling(.`self`, .userspaceOOMKill, .likely, worker))
        #expect(incident.exonerated == [root.pid])
    }

    /// systemd-oomd ended a cgroup below prod's own, and the manager then the rest.
    @Test func theManagerEndsTheRest() throws {
        let scene = try UnitScene()
        let (_, orphans) = Self.orphans(scene)
        let worker = scene.start(scene.prod, "/usr/bin/node")
        Self.kill(scene, worker, by: "/lib/systemd/systemd-oomd", .kill, table: orphans.map { ($0, 480) })
        scene.signal(scene.pid1, .terminate, to: scene.prod, disposition: .handler)
        scene.facts.result = "oom-kill"
        let incident = scene.prodEnds(.code(0), .failed)
        #expect(Ruling(incident) == Ruling(.agent, .userspaceOOMKill, .likely, orphans[0]))
        #expect(incident.verdict.summary.contains("the rest of prod.service was then ended because of that"))
    }

    /// Long after it, prod ends of something else.
    @Test func anEndLongAfterwards() throws {
        let scene = try UnitScene()
        let (_, orphans) = Self.orphans(scene)
        Self.kill(scene, scene.start(scene.prod, "/usr/bin/node"), table: orphans.map { ($0, 480) })
        scene.wait(5_000)
        let incident = scene.prodEnds(.code(1), .failed)
        #expect(Ruling(incident) == Ruling(.`self`, .exit, .proven, scene.judgedMain))
    }

    /// Somebody had asked the worker to end before, or prod for something: nobody is named, and the killer least of all.
    @Test(arguments: [true, false]) func somebodyElseWasThere(_ isWorkers: Bool) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let worker = scene.start(scene.prod, "/usr/bin/node")
        scene.signal(
            shell, isWorkers ? .terminate : .hangup, to: isWorkers ? worker : scene.prod, disposition: .handler)
        scene.wait(8_000)
        Self.kill(scene, worker, .kill, table: [(scene.shell, 1_500)])
        let incident = scene.prodEnds(.code(1), .failed)
        #expect(Ruling(incident) == Ruling(.unknown, .userspaceOOMKill, .none, nil))
        #expect(incident.exonerated == [])
    }

    /// No killer of memory's: whoever ended the worker did it, also where the main process ends by the same signal.
    @Test func whatAnAgentEnds() throws {
        for isSame in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let worker = scene.start(scene.prod, "/usr/bin/node")
            scene.signal(shell, .kill, to: worker)
            scene.exit(worker, .signal(.kill))
            let signal = isSame ? Signal.kill : .abort
            scene.signal(scene.prod, signal, to: scene.prod)
            let incident = scene.prodEnds(.signal(signal))
            #expect(
                Ruling(incident)
                    == (isSame
                        ? Ruling(.agent, .signal, .likely, shell)
                        : Ruling(.`self`, .crash, .proven, scene.judgedMain)))
        }
    }
}
