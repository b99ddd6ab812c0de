import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// Why a bind was refused, where the unit itself says so: the kernel's error is not recorded.
@Suite struct LoggedRefusalTests {
    private let vpn: [UInt8] = [10, 8, 0, 1]

    /// An agent's server on that port of all addresses, and prod that is refused it, logs something and ends.
    private func refused(
        _ port: UInt16, on address: [UInt8] = [0, 0, 0, 0], _ lines: String..., unit: String = "prod.service"
    ) throws -> (incident: Incident, agent: ProcessKey, server: ProcessKey, main: ProcessKey) {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let server = scene.start(shell, "/usr/bin/node")
        scene.listen(server, port)
        let incident = scene.failsToStart {
            scene.socket($0, .attempt, port, on: address)
            for line in lines {
                let entry = JournalEntry(
                    writer: .other, message: line, identifier: "prod", unit: UnitID(manager: .system, name: unit))
                scene.take(Event(time: scene.tick(), source: .journal, body: .journal(entry)))
            }
        }
        return (incident, root, server, scene.judgedMain)
    }

    @Test(arguments: [
        "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "Error: listen EADDRINUSE: address already in use 0.0.0.0:80", "bind: Address already in use",
    ]) func thePortWasInUse(line: String) throws {
        let (incident, _, server, _) = try refused(80, line)
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
        #expect(incident.evidence.map(\.kind) == ["port-held", "bind-refused", "in-use", "exit"])
        #expect(incident.verdict.alternatives.isEmpty)
    }

    @Test func theAddressWasThere() throws {
        let (incident, _, server, _) = try refused(
            8080, on: vpn, "listen tcp 10.8.0.1:8080: bind: address already in use")
        #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
    }

    /// The server that happens to listen there was not in the way.
    @Test func nobodyWasInTheWay() throws {
        let (first, claude, _, main) = try refused(
            80, "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)")
        #expect(Ruling(first) == Ruling(.self, .exit, .proven, main))
        #expect(first.exonerated == [claude.pid])
        for line in [
            "listen tcp 10.8.0.1:8080: bind: cannot assign requested address",
            "Error: listen EADDRNOTAVAIL: address not available 10.8.0.1:8080",
        ] {
            let (incident, _, _, main) = try refused(8080, on: vpn, line)
            #expect(Ruling(incident) == Ruling(.self, .exit, .proven, main))
        }
        let (python, _, _, judged) = try refused(
            8080, on: vpn, "    self.socket.bind(self.server_address)",
            "OSError: [Errno 99] Cannot assign requested address")
        #expect(Ruling(python) == Ruling(.self, .exit, .proven, judged))
    }

    /// Of several addresses one was in use; what it says of something else, or another unit says, counts for nothing.
    @Test func whatIsNotSaidOfThisBind() throws {
        let (several, _, server, _) = try refused(
            80, "bind() to 0.0.0.0:80 failed (98: Address already in use)",
            "bind() to [::1]:80 failed (99: Cannot assign requested address)")
        #expect(Ruling(several) == Ruling(.agent, .portConflict, .proven, server))
        for line in ["open /etc/prod.key: permission denied", "bind to 0.0.0.0:8080: address already in use, not 80"] {
            let (incident, _, server, _) = try refused(8080, line)
            #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
        }
        for line in ["open /etc/prod.key: permission denied", "cannot bind port 8081: permission denied"] {
            let (incident, _, server, _) = try refused(8080, line, "listen on 8080: address already in use")
            #expect(Ruling(incident) == Ruling(.agent, .portConflict, .proven, server))
        }
        let (other, _, held, _) = try refused(
            80, "bind() to 0.0.0.0:80 failed (13: Permission denied)", unit: "base.service")
        #expect(Ruling(other) == Ruling(.agent, .portConflict, .possible, held))
    }
}
