import Attribution
import EventModel
import Testing

/// A start that the manager gave up waiting for: whose doing that was.
@Suite struct LateStartTests {
    /// The start takes too long, and the manager ends it.
    private static func runsLate(_ scene: UnitScene, _ main: ProcessKey) {
        scene.wait(10_000)
        scene.signal(scene.pid1, .terminate, to: main)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
    }

    @Test func thatHungByItself() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let incident = scene.failsToStart(.signal(.terminate), ranBefore: false) { Self.runsLate(scene, $0) }
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.verdict.rules.first == "start-timeout.own" && incident.exonerated == [root.pid])
        #expect(incident.verdict.summary.contains("was not ready 10 s after its start"))
    }

    /// Up to systemd 253 the automatic restart has a job of its own, which comes when the start has failed.
    @Test func theAutomaticRestartThatFollowsIsNobodys() throws {
        let scene = try UnitScene()
        let incident = scene.failsToStart(
            .signal(.terminate), ranBefore: false, afterwards: { scene.queued(236, "restart") },
            { Self.runsLate(scene, $0) })
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
    }

    /// It had crashed, and nobody asked for the start that follows; or somebody had killed it.
    @Test(arguments: [true, false]) func afterACrash(isOwn: Bool) throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.signal(isOwn ? scene.prod : shell, .abort, to: scene.prod)
        let incident = scene.failsToStart(.signal(.terminate), formerly: .signal(.abort)) { Self.runsLate(scene, $0) }
        #expect((incident.verdict.rules.first == "start-timeout.own") == isOwn)
        if isOwn {
            #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
            #expect(incident.exonerated == [root.pid])
        }
    }

    /// Its own stop took too long.
    @Test func aStopThatSomebodyAskedForIsNoLateStart() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let incident = scene.failsToStart(.signal(.kill), ranBefore: false) { main in
            scene.wait(1_000)
            let job = scene.newJob()
            scene.call(client, "StopUnit", ["prod.service", "replace"], .job(job))
            scene.runs(job, "stop")
            scene.wait(10_000)
            scene.signal(scene.pid1, .kill, to: main)
            scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
        }
        #expect(incident.verdict.outcome == .agent && incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.rules.first != "start-timeout.own")
    }

    /// Nobody is named who only worked meanwhile.
    @Test func whoStoppedItMeanwhile() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = scene.failsToStart(.signal(.terminate), ranBefore: false) { main in
            scene.signal(shell, .stop, to: main)
            Self.runsLate(scene, main)
        }
        #expect(incident.verdict.outcome == .agent && incident.verdict.culprit?.actor.key == shell)
    }

    @Test func aPortThatItWaitedForIsTheHolders() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        let incident = scene.failsToStart(.signal(.terminate), ranBefore: false) { main in
            // It tries again and again.
            scene.socket(main, .attempt)
            scene.wait(8_000)
            scene.socket(main, .attempt)
            scene.wait(1_000)
            scene.signal(scene.pid1, .terminate, to: main)
            scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
        }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, server))
    }

    @Test func withoutTheManagersWordItIsAnotherMatter() throws {
        let scene = try UnitScene()
        let incident = scene.failsToStart(.signal(.terminate), ranBefore: false) { main in
            scene.wait(10_000)
            scene.signal(scene.pid1, .terminate, to: main)
        }
        #expect(incident.verdict.rules.first != "start-timeout.own")
    }

    @Test func aRestartThatWasAskedForIsTheRequesters() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart(.signal(.terminate)) { Self.runsLate(scene, $0) }
        #expect(incident.verdict.outcome == .agent && incident.verdict.mechanism == .managerRequest)
        #expect(incident.verdict.culprit?.root.key == root)
    }

    /// A person has it restarted while an agent's build takes what it needs to get ready.
    @Test func aRestartThatWasAskedForAndStarved() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart(.signal(.terminate)) { main in
            Seconds(used: [(shell, 180), (main, 2)]).pass(in: scene, for: 20)
            scene.signal(scene.pid1, .terminate, to: main)
            scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
        }
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .likely, client))
        #expect(!incident.exonerated.contains(root.pid))
        #expect(incident.verdict.rules.contains("start-timeout.requested-contention"))
        #expect(incident.verdict.summary.contains("used 99 % of the CPU time"))
        #expect(incident.verdict.alternatives.contains { $0.outcome == .agent && $0.mechanism == .resourceContention })
    }

    /// It took too long by itself, and nobody else is blamed for that.
    @Test func aRestartThatWasAskedForAndHung() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart(.signal(.terminate)) { Self.runsLate(scene, $0) }
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.verdict.rules.contains("start-timeout.requested") && incident.exonerated == [root.pid])
        #expect(incident.verdict.summary.contains("was not ready 10 s after its start, and the manager ended it."))
    }
}
