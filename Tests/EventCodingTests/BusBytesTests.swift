import CEventABI
import EventCoding
import EventModel
import FuzzTargets
import Testing

/// What the kernel hands out of a send on a manager's socket, and what may become of it.
@Suite struct BusBytesTests {
    static func record(_ change: (inout culprit_bus_bytes) -> Void = { _ in }) throws -> [UInt8] {
        let seed = try #require(FuzzTarget.named("event-decoder")?.seeds().last)
        var fixed = seed.withUnsafeBytes { $0.loadUnaligned(as: culprit_bus_bytes.self) }
        fixed.header.time_ns = 77
        fixed.header.start_ns = 55
        fixed.header.pid = 4711
        fixed.header.tid = 4712
        fixed.socket = 100
        fixed.peer_socket = 200
        fixed.peer_pid = 1
        fixed.peer_start_ns = 3
        change(&fixed)
        return withUnsafeBytes(of: fixed) { Array($0) } + seed.dropFirst(MemoryLayout<culprit_bus_bytes>.size)
    }

    @Test func becomesAMessage() throws {
        let events = try #require(try Self.record().withUnsafeBytes { try EventDecoder.managerMessages($0) })
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.process == ProcessKey(pid: 4711, start: BootTime(nanoseconds: 55)))
        #expect(event.thread == 4712)
        #expect(event.source == .bpf)
        guard case .managerMessage(let message) = event.body else { throw MalformedRecord(type: nil, reason: .value) }
        #expect(message.socket == 100)
        #expect(message.peerSocket == 200)
        #expect(message.peer == ProcessKey(pid: 1, start: BootTime(nanoseconds: 3)))
        #expect(message.address == "/run/systemd/private")
        #expect(!message.isFromListener)
        #expect(
            ManagerCall(message)
                == ManagerCall(verb: .restart, manager: .system, units: ["web.service"], mode: "replace"))
    }

    @Test func flagsAndNobody() throws {
        let bytes = try Self.record {
            $0.header.flags = UInt16(CULPRIT_BUS_FROM_LISTENER.rawValue)
            $0.peer_pid = 0
        }
        let event = try #require(try bytes.withUnsafeBytes { try EventDecoder.managerMessages($0) }?.first)
        guard case .managerMessage(let message) = event.body else { throw MalformedRecord(type: nil, reason: .value) }
        #expect(message.isFromListener)
        #expect(message.peer == nil)
    }

    @Test func otherRecordsAreNone() throws {
        let fork = try #require(FuzzTarget.named("event-decoder")?.seeds().first)
        #expect(try fork.withUnsafeBytes { try EventDecoder.managerMessages($0) } == nil)
        #expect(throws: MalformedRecord.self) {
            try [UInt8]().withUnsafeBytes { _ = try EventDecoder.managerMessages($0) }
        }
    }

    /// A record of it that cannot be read, or holds nothing that counts, is still never another kind of record.
    @Test func nothingOfItPasses() throws {
        let short = try Self.record { $0.kept = 10 }
        #expect(try short.withUnsafeBytes { try EventDecoder.managerMessages($0) } == [])
        let long = try Self.record { $0.kept = .max }
        #expect(throws: MalformedRecord.self) { try long.withUnsafeBytes { _ = try EventDecoder.managerMessages($0) } }
        #expect(throws: MalformedRecord.self) { try long.withUnsafeBytes { _ = try EventDecoder.decode($0) } }
        let event = try short.withUnsafeBytes { try EventDecoder.decode($0) }
        #expect(event.body == .unrecognised(type: 14))
    }
}
