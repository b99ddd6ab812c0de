import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A refused address of which it is not certain that the subject ended, or who held it.
@Suite struct PortDoubtTests {
    private let vpn: [UInt8] = [10, 8, 0, 1]

    /// An agent's server on 9090, in a fresh scene.
    private func host() throws -> (scene: UnitScene, root: ProcessKey, server: ProcessKey) {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server, 9090)
        return (scene, root, server)
    }

    private func isSelf(_ incident: Incident) -> Bool {
        incident.verdict.alternatives.contains { $0.outcome == .self && $0.mechanism == .exit }
    }

    /// It has what it is for, goes on without the other port, and ends of something else.
    @Test func aPortThatItCanDoWithout() throws {
        let (scene, _, server) = try host()
        let incident = scene.failsToStart {
            scene.listen($0)
            scene.socket($0, .attempt, 9090)
            scene.wait(3000)
        }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .possible, server) && isSelf(incident))
        #expect(!incident.verdict.summary.contains("needs"))
        #expect(incident.verdict.summary.contains("it went on for 3.0 s; it had 0.0.0.0:8080/tcp by then"))
    }

    /// One sign that it could do without: it had another, or it went on, or it started something.
    @Test func aPortThatItMayDoWithout() throws {
        let ways: [(UnitScene, ProcessKey) -> Void] = [
            { scene, main in
                scene.listen(main)
                scene.socket(main, .attempt, 9090)
            },
            { scene, main in
                scene.socket(main, .attempt, 9090)
                scene.wait(3000)
            },
            { scene, main in
                scene.socket(main, .attempt, 9090)
                _ = scene.start(main, "/usr/bin/psql")
            },
        ]
        for way in ways {
            let (scene, _, server) = try host()
            let incident = scene.failsToStart { way(scene, $0) }
            #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, server) && isSelf(incident))
            #expect(incident.verdict.summary.contains("Not certain that"))
        }
    }

    /// A second between the attempts, and after the last one (gunicorn).
    @Test func whatTriesAgainEndsALittleLater() throws {
        let (scene, _, server) = try host()
        let incident = scene.failsToStart {
            for _ in 0..<5 {
                scene.socket($0, .attempt, 9090)
                scene.wait(1000)
            }
        }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
        #expect(!isSelf(incident))
    }

    /// What another run had.
    @Test func whatIsNoSignOfGoingOn() throws {
        let (scene, _, server) = try host()
        scene.listen(scene.prod)
        let incident = scene.failsToStart { scene.socket($0, .attempt, 9090) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
    }

    /// The VPN is down, or the server on all addresses is in the way: an address that the unit had before was there.
    @Test(arguments: [true, false]) func anAddressThatNoInterfaceMayHave(hadIt: Bool) throws {
        let scene = try UnitScene()
        if hadIt {
            scene.listen(scene.prod, on: vpn)
            scene.socket(scene.prod, .closed, on: vpn)
        }
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server)
        let incident = scene.failsToStart { scene.socket($0, .attempt, on: vpn) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, hadIt ? .likely : .possible, server))
        #expect(isSelf(incident) != hadIt)
    }

    // MARK: Who held it

    private func udp(_ scene: UnitScene, _ process: ProcessKey, _ step: SocketChange.Step) {
        let endpoint = Endpoint(
            family: .ipv4, address: [127, 0, 0, 1], port: 8125, transport: .udp, networkNamespace: 1)
        scene.take(
            Event(
                time: scene.tick(), source: .bpf, process: process,
                body: .socket(SocketChange(step: step, endpoint: endpoint, uid: 1000))))
    }

    /// The closing of UDP is not seen, but that somebody else could take it is.
    @Test func whoHadItLongBeforeHasGivenItUp() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let mock = scene.start(shell, "/usr/bin/node")
        udp(scene, mock, .bound)
        scene.wait(3_600_000)
        let daemon = scene.start(scene.shell, "/usr/bin/statsd")
        udp(scene, daemon, .bound)
        let incident = scene.failsToStart { udp(scene, $0, .attempt) }
        #expect(Ruling(incident) == Ruling(.operator, .portConflict, .possible, daemon), "they may share it")
        #expect(!incident.exonerated.contains(root.pid))
    }

    /// Processes of one program share an address.
    @Test func workersOfOneProgramShareIt() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        let first = scene.fork(server)
        udp(scene, first, .bound)
        let second = scene.fork(server)
        udp(scene, second, .bound)
        scene.exit(second, .code(0))
        let incident = scene.failsToStart { udp(scene, $0, .attempt) }
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .likely, first))
    }

    // MARK: Nobody who is known

    @Test func refusedByWhomIsNotKnown() throws {
        for isCrash in [false, true] {
            let scene = try UnitScene()
            _ = scene.agent()
            scene.socket(scene.prod, .attempt, 50051)
            if isCrash { scene.signal(scene.prod, .abort, to: scene.prod) }
            let incident = scene.prodEnds(isCrash ? .signal(.abort) : .code(1))
            let main = scene.judgedMain
            #expect(Ruling(incident) == Ruling(.self, isCrash ? .crash : .exit, .possible, main))
            #expect(incident.exonerated == [])
            #expect(incident.verdict.rules.contains("port.refused"))
            #expect(incident.verdict.alternatives.contains { $0.mechanism == .portConflict && $0.outcome == .unknown })
            #expect(incident.evidence.contains { $0.kind == "bind-refused" })
        }
    }

    /// Who asked for the restart had it stopped; that it did not come up may be the doing of somebody who is not known.
    @Test func refusedAfterARestart() throws {
        let scene = try UnitScene()
        _ = scene.agent()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.failsToStart { scene.socket($0, .attempt) }
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .likely, client))
        #expect(incident.exonerated == [])
    }

    @Test func refusedAndWentOn() throws {
        let scene = try UnitScene()
        _ = scene.agent()
        scene.socket(scene.prod, .attempt, 50051)
        scene.wait(3000)
        let incident = scene.prodEnds(.code(1))
        #expect(Ruling(incident) == Ruling(.self, .exit, .likely, scene.judgedMain))
        #expect(incident.exonerated == [])
    }

    /// Long before; in its own way; had in the end; another's.
    @Test func whatWasRefusedAndIsNotWhy() throws {
        let ways: [(UnitScene) -> Void] = [
            {
                $0.socket($0.prod, .attempt, 50051)
                $0.wait(6000)
            },
            {
                $0.listen($0.prod, on: [UInt8](repeating: 0, count: 16))
                $0.socket($0.prod, .attempt)
            },
            {
                $0.socket($0.prod, .attempt)
                $0.wait(200)
                $0.listen($0.prod)
            },
            { $0.socket($0.start($0.shell, "/usr/bin/web"), .attempt) },
        ]
        for way in ways {
            let scene = try UnitScene()
            let (root, _) = scene.agent()
            way(scene)
            let incident = scene.prodEnds(.code(1))
            #expect(Ruling(incident) == Ruling(.self, .exit, .proven, scene.judgedMain))
            #expect(incident.exonerated == [root.pid])
        }
    }
}
