import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A UNIX socket that somebody else has taken, or holds; and what only looks like it.
@Suite struct SocketTests {
    private static let path = "/run/prod.sock"

    private func isOther(_ incident: Incident) -> Bool {
        incident.verdict.mechanism != .portConflict && incident.verdict.outcome != .agent
    }

    private func logged(_ scene: UnitScene, _ message: String) {
        let entry = JournalEntry(writer: .other, message: message, identifier: "prod", unit: scene.unit)
        scene.take(Event(time: scene.tick(), source: .journal, body: .journal(entry)))
    }

    // MARK: Taken over

    @Test func anAgentsTestTakesItOver() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.listen(scene.prod, unix: Self.path)
        let test = scene.start(shell, "/opt/prod")
        scene.listen(test, unix: Self.path)
        scene.wait(300)
        let incident = scene.prodEnds(.code(3))
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, test))
        #expect(incident.verdict.rules.first == "socket.taken-over" && incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.summary.contains("took over /run/prod.sock, on which prod.service listened"))
        #expect(incident.verdict.alternatives.map(\.outcome) == [.self])
        #expect(incident.evidence.map(\.kind) == ["socket-held", "socket-held", "exit"])
    }

    @Test func aPersonTakesItOver() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        scene.listen(scene.prod, unix: Self.path, source: .procfs)
        let test = scene.start(scene.shell, "/opt/prod")
        scene.listen(test, unix: Self.path)
        let incident = scene.prodEnds(.code(0), .stopped)
        #expect(Ruling(incident) == Ruling(.operator, .portConflict, .likely, test))
        #expect(incident.exonerated == [root.pid])
    }

    /// What came late after it may have another reason; so may a fault.
    @Test func lessThanLikely() throws {
        for (wait, status) in [(20_000, .code(3)), (500, .signal(.abort))] as [(UInt64, EventModel.ExitStatus)] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            scene.listen(scene.prod, unix: Self.path)
            let test = scene.start(shell, "/opt/prod")
            scene.listen(test, unix: Self.path)
            scene.wait(wait)
            if status.signal != nil { scene.signal(scene.prod, .abort, to: scene.prod, code: .thread) }
            #expect(Ruling(scene.prodEnds(status)) == Ruling(.agent, .portConflict, .possible, test))
        }
    }

    /// Two took it, one after the other: the last is named, the other one may have been it.
    @Test func twoTookIt() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.listen(scene.prod, unix: Self.path)
        scene.listen(scene.start(scene.shell, "/opt/prod"), unix: Self.path)
        let test = scene.start(shell, "/opt/prod")
        scene.listen(test, unix: Self.path)
        let incident = scene.prodEnds(.code(3))
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .possible, test))
        #expect(incident.verdict.alternatives.map(\.outcome) == [.self, .operator])
    }

    @Test func whoeverTookItWasGone() throws {
        let scene = try UnitScene()
        _ = scene.agent()
        scene.listen(scene.prod, unix: Self.path)
        scene.listen(nil, unix: Self.path)
        let incident = scene.prodEnds(.code(3))
        #expect(Ruling(incident) == Ruling(.unknown, .portConflict, .none, nil))
        #expect(incident.exonerated.isEmpty)
    }

    @Test func notTakenOver() throws {
        let takes: [(UnitScene, ProcessKey) -> Void] = [
            // Another name; the same in another file system; an abstract one, which cannot be taken.
            { $0.listen($1, unix: "/run/other.sock") }, { $0.listen($1, unix: Self.path, place: 28) },
            {
                $0.listen($0.prod, unix: "@prod")
                $0.listen($1, unix: "@prod")
            },
            // Asked to end since.
            {
                $0.listen($1, unix: Self.path)
                $0.signal($0.shell, .terminate, to: $0.prod, disposition: .handler)
            },
            // Long ago.
            {
                $0.listen($1, unix: Self.path)
                $0.wait(61_000)
            },
        ]
        for take in takes {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            scene.listen(scene.prod, unix: Self.path)
            take(scene, scene.start(shell, "/opt/prod"))
            #expect(isOther(scene.prodEnds(.code(3))))
        }
    }

    /// A fault needs no such reason, unless it comes at once.
    @Test func aFaultLaterIsItsOwn() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.listen(scene.prod, unix: Self.path)
        scene.listen(scene.start(shell, "/opt/prod"), unix: Self.path)
        scene.wait(5_000)
        scene.signal(scene.prod, .abort, to: scene.prod, code: .thread)
        #expect(isOther(scene.prodEnds(.signal(.abort))))
    }

    /// The name was free: prod had ended before.
    @Test func takenOnlyAfterwards() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let socket = scene.listen(scene.prod, unix: Self.path)
        let test = scene.start(shell, "/opt/prod")
        let main = scene.prod
        scene.exit(main, .code(3))
        let end = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        scene.closed(unix: Self.path, socket)
        scene.listen(test, unix: Self.path)
        scene.wait(2500)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .failed, at: end, mainBefore: main, status: .code(3), systemd: scene.facts),
                settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(isOther(incident) && incident.exonerated == [root.pid])
    }

    @Test func itsOwnSecondInstanceHandsOver() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        scene.listen(scene.prod, unix: Self.path)
        scene.listen(scene.start(scene.prod, "/opt/prod"), unix: Self.path)
        let incident = scene.prodEnds(.code(0), .stopped)
        #expect(incident.verdict.outcome == .self && incident.exonerated == [root.pid])
    }

    // MARK: Another's

    /// What it cannot reach any more is another's socket, whose file was removed or taken: then it is not certain that
    /// nobody had a hand in its end. Where it does not name it, that is nothing.
    @Test(arguments: [(true, true), (false, true), (false, false)])
    func aClientOfASocketThatHasLostItsName(isTaken: Bool, isNamed: Bool) throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(scene.pid1, "/usr/bin/redis-server", cgroup: 5)
        let socket = scene.listen(server, unix: Self.path)
        if isTaken { scene.listen(scene.start(shell, "/usr/bin/redis-server"), unix: Self.path) }
        scene.nameless(unix: Self.path, socket)
        logged(scene, isNamed ? "FATAL: connect to \(Self.path): No such file or directory" : "FATAL: no")
        let incident = scene.prodEnds(.code(1), .failed)
        let least = isNamed ? Confidence.likely : .proven
        #expect(Ruling(incident) == Ruling(.self, .exit, least, scene.judgedMain))
        #expect(incident.exonerated == (isNamed ? [] : [root.pid]))
        #expect(incident.verdict.summary.contains("had lost its name") == isNamed)
        #expect(incident.verdict.alternatives.contains { $0.outcome == .agent } == isTaken)
    }

    // MARK: In use

    @Test func aStartFindsItInUse() throws {
        for message in ["bind: Address already in use", "listen unix /tmp/agents.sock: bind: address already in use"] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let socket = scene.listen(scene.prod, unix: Self.path)
            let dev = scene.start(shell, "/opt/prod")
            scene.listen(dev, unix: message.contains("/tmp") ? "/tmp/agents.sock" : Self.path)
            scene.closed(unix: Self.path, socket)
            let incident = scene.failsToStart { _ in logged(scene, message) }
            #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, dev))
            #expect(incident.verdict.rules.first == "socket.held")
            #expect(incident.evidence.map(\.kind) == ["socket-held", "in-use", "exit"])
        }
    }

    @Test func notInUse() throws {
        let attempts: [(UnitScene, ProcessKey, ProcessKey) -> Void] = [
            // It said nothing of it; another unit did.
            { scene, dev, _ in scene.listen(dev, unix: Self.path) },
            { scene, dev, _ in
                scene.listen(dev, unix: Self.path)
                let other = UnitID(manager: .system, name: "other.service")
                let entry = JournalEntry(writer: .other, message: "Address already in use", unit: other)
                scene.take(Event(time: scene.tick(), source: .journal, body: .journal(entry)))
            },
            // Somebody listens, but on no name of prod's: not even on one that begins like it.
            { scene, dev, _ in
                scene.listen(dev, unix: "/run/x")
                logged(scene, "/run/x.sock: Address already in use")
            },
            // A file that is left, and nobody behind it.
            { scene, dev, _ in
                scene.closed(unix: Self.path, scene.listen(dev, unix: Self.path))
                logged(scene, "Address already in use")
            },
            // It was a port.
            { scene, dev, main in
                scene.listen(dev, unix: Self.path)
                scene.socket(main, .attempt)
                logged(scene, "Address already in use")
            },
        ]
        for attempt in attempts {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let socket = scene.listen(scene.prod, unix: Self.path)
            let dev = scene.start(shell, "/opt/prod")
            scene.closed(unix: Self.path, socket)
            #expect(isOther(scene.failsToStart { attempt(scene, dev, $0) }))
        }
    }
}
