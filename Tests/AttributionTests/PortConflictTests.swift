import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// An address that somebody else held, and what only looks like it.
@Suite struct PortConflictTests {
    private let loopback: [UInt8] = [127, 0, 0, 1]
    private let any6 = [UInt8](repeating: 0, count: 16)

    @Test func anAgentsServerHoldsIt() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart { scene.socket($0, .attempt, on: loopback) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
        #expect(incident.verdict.rules.first == "port.held" && incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.summary.contains("held 0.0.0.0:8080/tcp, which prod.service needs"))
        // Who asked for the restart is told, and is not it.
        #expect(incident.verdict.alternatives.map(\.outcome) == [.operator])
        #expect(incident.evidence.map(\.kind) == ["port-held", "bind-refused", "exit"])
    }

    @Test func theRequesterIsNotIt() throws {
        let scene = try UnitScene()
        let server = scene.start(scene.shell, "/usr/bin/python3")
        scene.listen(server)
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.operator, .portConflict, .proven, server))
        #expect(incident.exonerated == [root.pid])
    }

    /// Hours after its session has ended, with no parent left.
    @Test func anOrphanOfAnAgentHoldsIt() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        scene.exit(shell, .code(0))
        scene.exit(root, .code(0))
        scene.wait(7_200_000)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
    }

    /// What bound it has ended and handed its socket down; nobody has closed it.
    @Test func theHeirHoldsIt() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let parent = scene.start(shell, "/usr/bin/node")
        scene.listen(parent)
        let heir = scene.fork(parent)
        scene.exit(parent, .code(0))
        #expect(
            Ruling(scene.failsToStart { scene.socket($0, .attempt) })
                == Ruling(.agent, .portConflict, .proven, heir))
    }

    /// A daemon's workers, which are all of the one tree; what executed another program may have closed the socket. With an
    /// agent of its own among them it is not certain whose it is.
    @Test(arguments: [false, true]) func itsHeirsHoldIt(oneIsAnotherAgent: Bool) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let parent = scene.start(shell, "/usr/sbin/nginx")
        scene.listen(parent)
        _ = scene.start(parent, oneIsAnotherAgent ? "/usr/bin/codex" : "/usr/bin/logger")
        let master = scene.fork(parent)
        _ = scene.fork(master)
        scene.exit(parent, .code(0))
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, oneIsAnotherAgent ? .likely : .proven, master))
    }

    @Test func aChildOfTheMainProcessIsRefused() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        let incident = scene.failsToStart { main in
            let child = scene.fork(main)
            scene.socket(child, .attempt)
            scene.exit(child, .code(1))
        }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
    }

    /// Whether `::` took IPv4 as well, and whether what only was bound is still held, was not seen.
    @Test func lessThanCertain() throws {
        for isDual in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let server = scene.start(shell, "/usr/bin/node")
            if isDual { scene.listen(server, on: any6) } else { scene.socket(server, .bound) }
            #expect(
                Ruling(scene.failsToStart { scene.socket($0, .attempt) })
                    == Ruling(.agent, .portConflict, .likely, server))
        }
    }

    @Test func foundHeldAtTheStart() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.socket(server, .listening, source: .procfs)
        scene.wait(60_000)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, server))
        #expect(incident.verdict.rules.contains("confidence.back-filled"))
    }

    /// One server on both families, found at one moment: what is of the family that was refused counts, in every run.
    @Test(arguments: 0..<16) func foundOnBothFamilies(_: Int) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.socket(server, .listening, on: Array(repeating: 0, count: 16), source: .procfs)
        scene.now(again: 1)
        scene.socket(server, .listening, source: .procfs)
        scene.wait(60_000)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, server))
        #expect(incident.verdict.summary.contains("held 0.0.0.0:8080"))
    }

    @Test func twoHoldIt() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server, on: loopback)
        let other = scene.start(scene.shell, "/usr/bin/python3")
        scene.listen(other, on: [127, 0, 0, 2])
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(incident.verdict.confidence == .possible && incident.verdict.alternatives.count == 1)
    }

    @Test func itsOwnOldWorkerHoldsIt() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let worker = scene.fork(scene.prod)
        scene.listen(worker)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.self, .portConflict, .proven, worker))
        #expect(incident.exonerated == [root.pid])
    }

    /// The manager listens for the unit: what comes is handed over.
    @Test func aSocketUnitIsNoConflictWithTheManager() throws {
        for isOwn in [true, false] {
            let scene = try UnitScene()
            scene.state("prod.service", isOwn ? [(.triggeredBy, "prod.socket")] : [])
            scene.listen(scene.pid1)
            let incident = scene.failsToStart { scene.socket($0, .attempt) }
            #expect(incident.verdict.outcome == (isOwn ? .self : .unknown))
            #expect(incident.verdict.mechanism == .portConflict)
        }
    }

    @Test func whatRunsAndExitsOfARefusedBind() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        scene.socket(scene.prod, .attempt)
        #expect(Ruling(scene.prodEnds(.code(1))) == Ruling(.agent, .portConflict, .proven, server))
    }

    @Test func aWatchedProcessExitsOfIt() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        scene.socket(scene.daemon, .attempt)
        #expect(Ruling(scene.ends(.code(1))) == Ruling(.agent, .portConflict, .proven, server))
    }

    /// It came up in the end: who held it up until then is told, and not cleared.
    @Test(arguments: [true, false]) func aStartIsHeldUp(wasRefused: Bool) throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let before = scene.prod
        scene.exit(before, .signal(.terminate))
        let end = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        scene.facts.run = .init(invocation: nil, main: before, endedAt: end, status: .signal(.terminate))
        scene.startProd()
        if wasRefused { scene.socket(scene.prod, .attempt) }
        scene.exit(scene.prod, .code(1))
        scene.facts.failedStart = .init(
            at: BootTime(nanoseconds: scene.now * 1_000_000 + 7), main: scene.prod, status: .code(1))
        scene.socket(server, .closed)
        scene.wait(500)
        scene.startProd()
        scene.wait(2500)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .restarted, at: end, recoveredAt: scene.prod.start, mainBefore: before, mainAfter: scene.prod,
                    status: .signal(.terminate), systemd: scene.facts),
                settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == (wasRefused ? [] : [root.pid]))
        #expect(incident.verdict.summary.contains("held 0.0.0.0:8080/tcp") == wasRefused)
    }

    // MARK: What must not fire

    private func isOther(_ incident: Incident) -> Bool {
        incident.verdict.mechanism != .portConflict && incident.verdict.outcome != .agent
    }

    @Test func refusedForAnotherReason() throws {
        // No such address; another namespace; another port; given up before; taken only afterwards.
        let held: [(UnitScene, ProcessKey) -> Void] = [
            { _, _ in }, { $0.socket($1, .listening, namespace: 2) }, { $0.listen($1, 8081) },
            { $0.listen($1, on: [127, 0, 0, 2]) },
            {
                $0.listen($1)
                $0.socket($1, .closed)
            }, { $0.socket($1, .attempt) },
            {
                $0.socket($1, .bound)
                $0.exit($1, .code(0))
            },
        ]
        for hold in held {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let server = scene.start(shell, "/usr/bin/node")
            hold(scene, server)
            #expect(isOther(scene.failsToStart { scene.socket($0, .attempt, on: loopback) }))
        }
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        #expect(
            isOther(
                scene.failsToStart {
                    scene.socket($0, .attempt)
                    scene.wait(200)
                    scene.listen(scene.start(shell, "/usr/bin/node"))
                }))
    }

    @Test func gotItInTheEnd() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        #expect(
            isOther(
                scene.failsToStart {
                    scene.socket($0, .attempt)
                    scene.socket(server, .closed)
                    scene.listen($0)
                }))
    }

    @Test func endedOfSomethingElse() throws {
        let ways: [(UnitScene, ProcessKey) -> Void] = [
            { scene, _ in scene.wait(6000) },
            { scene, main in scene.signal(scene.shell, .terminate, to: main, disposition: .handler) },
        ]
        for way in ways {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            scene.listen(scene.start(shell, "/usr/bin/node"))
            #expect(
                isOther(
                    scene.failsToStart {
                        scene.socket($0, .attempt)
                        way(scene, $0)
                    }))
        }
    }

    /// Somebody else's bind was refused.
    @Test func anothersRefusalIsNotTheSubjects() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.listen(scene.start(shell, "/usr/bin/node"))
        let other = scene.start(scene.pid1, "/usr/bin/web", cgroup: 29)
        #expect(isOther(scene.failsToStart { _ in scene.socket(other, .attempt) }))
    }

    /// `::` first and then `0.0.0.0`, as many servers do.
    @Test func itIsInItsOwnWay() throws {
        let scene = try UnitScene()
        #expect(
            isOther(
                scene.failsToStart {
                    scene.listen($0, on: any6)
                    scene.socket($0, .attempt)
                }))
    }

    @Test func aPortThatItMayNotHave() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.listen(scene.start(shell, "/usr/bin/node"), 80)
        let incident = scene.failsToStart { scene.socket($0, .attempt, 80) }
        #expect(
            incident.verdict.confidence == .possible && incident.verdict.alternatives.contains { $0.outcome == .self })
    }
}
