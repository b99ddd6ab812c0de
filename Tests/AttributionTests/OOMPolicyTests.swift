import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A process of a unit, not its main one, was chosen by the kernel's OOM killer; what became of the rest may have another cause.
@Suite struct OOMPolicyTests {
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
        #expect(Ruling(scene.prodEnds(.signal(.kill))) == Ruling(.unknown, .signal, .none, nil))
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
}
