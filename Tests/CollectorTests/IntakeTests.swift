import EventCoding
import EventModel
import Redaction
import Testing

@testable import Collector

/// Records on their way in: without secrets, and none gone without a word.
@Suite struct IntakeTests {
    private static let token = "ghp_0123456789abcdefABCDEF"

    /// What comes out of an event that goes in as the kernel or a source gives it.
    private func taken(_ events: [Event]) throws -> [Event] {
        var intake = RecordIntake(Redactor())
        var out: [Event] = []
        for event in events {
            try intake.send(event) { record, event in
                let read = try EventDecoder.decode(record)
                #expect(read.body == event.body)
                out.append(event)
            }
        }
        return out
    }

    @Test func whatCannotBeDecodedIsCounted() throws {
        var intake = RecordIntake(Redactor())
        var count = 0
        let good = Story.records(Story.opening)
        for record in good + [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 64)] + good.map({ Array($0.dropLast(1)) })
        {
            try record.withUnsafeBytes { try intake.take($0) { _, _ in count += 1 } }
        }
        #expect(count == good.count)
        #expect(intake.undecoded == UInt64(good.count + 3))
        let (from, to) = (BootTime(nanoseconds: 5), BootTime(nanoseconds: 9))
        let gap = intake.takeGap(from: from, to: to)
        #expect(gap?.lost == UInt64(good.count + 3) && gap?.source == Gap.decoder && gap?.from == from && gap?.to == to)
        #expect(intake.takeGap(from: from, to: to) == nil)
    }

    /// Every event that can name a unit, and the unit's name holds a token: the same everywhere, and nowhere the token.
    @Test func namesOfUnits() throws {
        let unit = UnitID(manager: .system, name: "deploy@\(Self.token).service")
        let manager = "org.freedesktop.systemd1.Manager"
        let address = "/run/systemd/private"
        let events = try taken(
            ([
                .managerMessage(
                    ManagerMessage(
                        kind: .call, serial: 1, address: address, path: UnitPath.manager, interface: manager,
                        member: "RestartUnit", arguments: [.text(unit.name), .text("replace")])),
                .managerMessage(
                    ManagerMessage(
                        kind: .call, serial: 2, address: address, path: UnitPath.path(ofUnit: unit.name),
                        interface: "org.freedesktop.systemd1.Unit", member: "Restart", arguments: [.text("replace")])),
                .managerMessage(
                    ManagerMessage(
                        kind: .call, serial: 3, address: address, path: UnitPath.manager, interface: manager,
                        member: "EnableUnitFiles", arguments: [.list([unit.name])])),
                .managerMessage(
                    ManagerMessage(kind: .error, serial: 4, replySerial: 3, errorName: "org.example.\(Self.token)")),
                .journal(JournalEntry(writer: .manager(.system), message: "Stopping \(unit.name)", unit: unit)),
                .job(JobChange(unit: unit, id: 7, type: "restart", step: .queued)),
                .unit(
                    UnitState(
                        unit: unit, active: "active", sub: "running", cgroup: "/system.slice/\(unit.name)",
                        files: ["/run/\(unit.name)"], relations: [.init(kind: .partOf, other: unit.name)])),
                .cgroup(.made(CgroupID(rawValue: 9), parent: CgroupID(rawValue: 1), name: unit.name)),
            ] as [Event.Body]).map { Event(time: Story.time(1), source: .bpf, body: $0) })
        #expect(events.count == 8)
        for event in events { #expect(!String(describing: event).contains("0123456789abc")) }
        let calls = events.compactMap { event -> ManagerCall? in
            guard case .managerMessage(let message) = event.body else { return nil }
            return ManagerCall(message)
        }
        #expect(calls.map(\.units) == Array(repeating: ["deploy@[redacted].service"], count: 3))
        #expect(
            events.contains { event in
                guard case .job(let change) = event.body else { return false }
                return change.unit.name == "deploy@[redacted].service"
            })
    }

    /// The limit of a kill is named alike by the kernel's programs and by its log: by that they belong together.
    @Test func namesOfLimits() throws {
        let name = "deploy@\(Self.token).service"
        let limit = OOMVictim.Limit(
            cgroup: CgroupID(rawValue: 9), name: name, limitKiB: 4, usageKiB: 4, ooms: 1)
        let victim = ProcessKey(pid: 7, start: Story.time(0))
        let bodies: [Event.Body] = [
            .oomVictim(OOMVictim(victim: victim, scope: .cgroup(limit))),
            .oomDump(OOMDump(victimPID: 7, scope: .cgroup(name: name), took: .milliseconds(1), entries: [])),
            .oomVictim(OOMVictim(victim: victim, scope: .global)),
            .oomDump(OOMDump(victimPID: 7, scope: .global, took: .milliseconds(1), entries: [])),
        ]
        let names = try taken(bodies.map { Event(time: Story.time(1), source: .bpf, body: $0) }).map { event in
            switch event.body {
            case .oomVictim(let oom): oom.scope.limit?.name
            case .oomDump(let dump): if case .cgroup(let name) = dump.scope { name } else { nil as String? }
            default: "another"
            }
        }
        #expect(names == ["deploy@[redacted].service", "deploy@[redacted].service", nil, nil])
    }

    @Test func whatHoldsNoSecretStaysAsItIs() throws {
        let event = Event(
            time: Story.time(1), source: .systemd,
            body: .job(
                JobChange(
                    unit: UnitID(manager: .user(7), name: "token-refresh.service"), id: 1, type: nil, step: .queued)))
        #expect(try taken([event]) == [event])
    }
}
