import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A process of a unit, not its main one, was chosen by the kernel's OOM killer; what became of the rest may have another cause.
@Suite struct OOMPolicyTests {
    private static let limit = CgroupID(rawValue: 21)

    /// A worker is chosen for what a person's job holds.
    private static func aWorkerIsChosen(_ scene: UnitScene) -> (worker: ProcessKey, hog: ProcessKey) {
        let worker = scene.start(scene.prod, "/opt/prod-worker")
        let hog = scene.start(scene.shell, "/usr/bin/job")
        scene.host(totalMiB: 2_000, availableMiB: 20)
        scene.signal(worker, .kill, to: worker, code: .kernel, origin: .kernel)
        scene.oom(worker, trigger: hog, mebibytes: 55, scope: .global)
        scene.exit(worker, .signal(.kill))
        scene.table([(hog, 1_700), (scene.prod, 5)])
        return (worker, hog)
    }

    /// OOMPolicy=continue: prod lived on, and somebody then had the manager kill it.
    @Test(arguments: [nil, "signal"]) func aKillThatIsAskedForAfterwards(_ result: String?) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        _ = Self.aWorkerIsChosen(scene)
        scene.wait(8_000)
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.call(client, "KillUnit", [], .done, arguments: [.text("prod.service"), .text("all"), .number(9)])
        scene.signal(scene.pid1, .kill, to: scene.prod)
        scene.facts.result = result
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.oom == nil)
    }

    @Test func theWatchdogStrikesAfterwards() throws {
        let scene = try UnitScene()
        _ = Self.aWorkerIsChosen(scene)
        scene.wait(8_000)
        scene.signal(scene.pid1, .abort, to: scene.prod)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "watchdog"])
        let incident = scene.prodEnds(.signal(.abort, coreDumped: true))
        #expect(incident.verdict.outcome == .`self` && incident.verdict.mechanism == .watchdog)
    }

    /// The manager says that it was no lack of memory, and who asked it was not seen.
    @Test func theManagerSaysOtherwise() throws {
        let scene = try UnitScene()
        _ = Self.aWorkerIsChosen(scene)
        scene.wait(3_000)
        scene.signal(scene.pid1, .kill, to: scene.prod)
        scene.facts.result = "signal"
        #expect(Ruling(scene.prodEnds(.signal(.kill))) == Ruling(.unknown, .signal, .none, scene.pid1))
    }

    /// Nothing says why the manager ended the rest: that it was for the worker is inferred.
    @Test func theManagerSaysNothing() throws {
        let scene = try UnitScene()
        let (worker, hog) = Self.aWorkerIsChosen(scene)
        scene.signal(scene.pid1, .terminate, to: scene.prod)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .oomKill, .likely, hog))
        #expect(incident.oom?.victim.key == worker)
    }

    @Test func aFaultAfterwards() throws {
        let scene = try UnitScene()
        _ = Self.aWorkerIsChosen(scene)
        scene.wait(3_000)
        scene.signal(scene.prod, .segmentation, to: scene.prod, code: .kernel, origin: .kernel)
        let incident = scene.prodEnds(.signal(.segmentation))
        #expect(Ruling(incident) == Ruling(.`self`, .crash, .proven, scene.judgedMain))
    }

    /// npm and the like end by the signal that ended what they ran; an abort is prod's own.
    @Test func theMainProcessEndsAsItsWorkerDid() throws {
        for isSame in [true, false] {
            let scene = try UnitScene()
            let (_, hog) = Self.aWorkerIsChosen(scene)
            let signal = isSame ? Signal.kill : .abort
            scene.signal(scene.prod, signal, to: scene.prod)
            let incident = scene.prodEnds(.signal(signal))
            #expect(
                Ruling(incident)
                    == (isSame
                        ? Ruling(.operator, .oomKill, .likely, hog)
                        : Ruling(.`self`, .crash, .proven, scene.judgedMain)))
        }
    }

    /// In a person's service an agent's compiler is chosen: the manager ends all of it (OOMPolicy=stop).
    @Test(arguments: [SignalSent.Disposition.standard, .handler]) func anAgentsChildInItsCgroup(
        _ disposition: SignalSent.Disposition
    ) throws {
        let scene = try UnitScene()
        let inside = scene.start(scene.prod, "/usr/bin/claude")
        let compiler = scene.start(inside, "/usr/bin/cc1plus")
        scene.signal(compiler, .kill, to: compiler, code: .kernel, origin: .kernel)
        scene.oom(
            compiler, trigger: compiler, mebibytes: 50,
            scope: .cgroup(
                .init(cgroup: Self.limit, name: "prod.service", limitKiB: 64 << 10, usageKiB: 64 << 10, ooms: 1)))
        scene.table([(scene.prod, 5), (inside, 3)], scope: Self.limit)
        scene.exit(compiler, .signal(.kill))
        scene.signal(scene.pid1, .terminate, to: scene.prod, disposition: disposition)
        scene.facts.result = "oom-kill"
        let incident = scene.prodEnds(disposition == .handler ? .code(0) : .signal(.terminate), .failed)
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, compiler))
        #expect(incident.verdict.culprit?.root.key == inside)
        #expect(incident.verdict.summary.contains("the rest of prod.service was then ended because of that"))
    }

    /// An agent's child is none of prod's workers: that prod exits next follows from nothing; and one that is elsewhere is none
    /// of the manager's business.
    @Test func anAgentsChildIsNoWorker() throws {
        for isInside in [true, false] {
            let scene = try UnitScene()
            let agent = isInside ? scene.start(scene.prod, "/usr/bin/claude") : scene.agent().shell
            let child = scene.start(agent, "/usr/bin/cc1plus")
            scene.signal(child, .kill, to: child, code: .kernel, origin: .kernel)
            scene.oom(child, trigger: child, mebibytes: 50, scope: .global)
            scene.exit(child, .signal(.kill))
            if isInside {
                scene.facts.result = "exit-code"
                let incident = scene.prodEnds(.code(1), .failed)
                #expect(Ruling(incident) == Ruling(.`self`, .exit, .proven, scene.judgedMain))
            } else {
                scene.signal(scene.pid1, .terminate, to: scene.prod)
                #expect(scene.prodEnds().verdict.mechanism == .signal)
            }
        }
    }
}
