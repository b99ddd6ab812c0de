import EventModel
import Testing

@testable import ProcessTracking

/// What managers were asked about limits is remembered for an hour, and no flood of it takes more than its room.
@Suite struct ConfigurationCallsTests {
    private var table = ProcessTable()
    private var calls = ConfigurationCalls(byteLimit: 64 << 10)
    private var now: UInt64 = 1000

    private mutating func take(_ body: Event.Body, by process: ProcessKey? = nil) {
        now += 1
        let event = Event(
            time: BootTime(nanoseconds: now * 1_000_000), source: .bpf, process: process, body: body)
        table.apply(event)
        calls.apply(event, &table)
    }

    private mutating func client(_ pid: Int32) -> ProcessKey {
        let key = ProcessKey(pid: pid, start: BootTime(nanoseconds: now * 1_000_000))
        take(.fork(Fork(child: key, childParentPID: 1, uid: 0)), by: ProcessKey(pid: 1, start: .zero))
        return key
    }

    private func call(
        _ address: String = "/run/systemd/private", _ properties: [String] = ["MemoryMax=1"], serial: UInt32 = 3
    ) -> Event.Body {
        .managerMessage(
            ManagerMessage(
                kind: .call, serial: serial, socket: 10, peerSocket: 11, address: address,
                path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager",
                member: "SetUnitProperties",
                arguments: [.text("prod.service"), .flag(true), .list(properties)]))
    }

    private func answer(_ kind: ManagerMessage.Kind = .reply, serial: UInt32 = 3) -> Event.Body {
        .managerMessage(ManagerMessage(kind: kind, serial: 9, replySerial: serial, socket: 11, peerSocket: 10))
    }

    @Test mutating func theCallAndItsAnswer() {
        let key = client(100)
        take(call(), by: key)
        take(answer())
        take(answer())
        #expect(calls.events(before: BootTime(nanoseconds: .max)).count == 2)
        #expect(calls.events(before: .zero).isEmpty)
        #expect(calls.completeSince(.system) == BootTime(nanoseconds: 1001 * 1_000_000))
    }

    /// The manager may answer before the send is known.
    @Test mutating func anAnswerThatCameFirst() {
        let key = client(100)
        take(answer())
        take(call(), by: key)
        #expect(calls.count == 2)
    }

    @Test mutating func whatWasRefusedIsNotKept() {
        let key = client(100)
        take(call(), by: key)
        take(answer(.error))
        take(answer(.error, serial: 4))
        take(call(serial: 4), by: key)
        #expect(calls.count == 0)
        #expect(calls.usedBytes == 0)
        #expect(table.retained.isEmpty)
    }

    @Test mutating func otherPropertiesAreNotKept() {
        let key = client(100)
        take(call("/run/systemd/private", ["CPUWeight=50"]), by: key)
        #expect(calls.count == 0)
    }

    /// A user may ask his own manager as often as he likes.
    @Test mutating func aFloodPushesOutItsOwn() {
        let key = client(100)
        take(call(), by: key)
        take(answer())
        let flooder = client(101)
        for serial in UInt32(10)..<2000 { take(call("/run/user/1000/systemd/private", serial: serial), by: flooder) }
        #expect(calls.usedBytes <= calls.byteLimit)
        #expect(calls.count > 20)
        #expect(calls.events(before: BootTime(nanoseconds: 1010 * 1_000_000)).count == 2)
        #expect(calls.forgottenUntil(.system) == .zero)
        #expect(calls.forgottenUntil(.user(1000)) > BootTime(nanoseconds: 1010 * 1_000_000))
        #expect(table.retained[key] == 1)
        #expect(table.retained[flooder] == Int32(calls.count - 2))
    }

    /// Names of managers cost nothing to make up.
    @Test mutating func aFloodOfManagers() {
        let key = client(100)
        for uid in UInt32(1)..<2000 { take(call("/run/user/\(uid)/bus", serial: uid), by: key) }
        #expect(calls.usedBytes <= calls.byteLimit)
        #expect(calls.forgottenUntil(.system) > .zero)
    }

    @Test mutating func longAgoIsForgotten() {
        let key = client(100)
        take(call(), by: key)
        now += 2 * 3600 * 1000
        take(call(serial: 4), by: key)
        #expect(calls.count == 1)
        #expect(table.retained[key] == 1)
        #expect(calls.forgottenUntil(.system) == .zero)
    }
}
