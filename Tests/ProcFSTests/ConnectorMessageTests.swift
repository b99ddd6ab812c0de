import EventModel
import Testing

@testable import ProcFS

@Suite struct ConnectorMessageTests {
    /// Received on kernel 6.18 while a process ran true(1): the answer to PROC_CN_MCAST_LISTEN, a fork, an exec, an exit.
    static let captured = [
        "4c000000 03000000 00000000 00000000 01000000 01000000 00000000 06000000 28000000"
            + "00000000 01000000 9672056c10020000 00000000 00000000 00000000 00000000 00000000 00000000",
        "4c000000 03000000 01000000 00000000 01000000 01000000 01000000 00000000 28000000"
            + "01000000 01000000 59e8066c10020000 50260000 50260000 79260000 79260000 00000000 00000000",
        "4c000000 03000000 02000000 00000000 01000000 01000000 02000000 00000000 28000000"
            + "02000000 01000000 2ec00d6c10020000 79260000 79260000 00000000 00000000 00000000 00000000",
        "4c000000 03000000 03000000 00000000 01000000 01000000 03000000 00000000 28000000"
            + "00000080 01000000 e807166c10020000 79260000 79260000 00000000 11000000 50260000 50260000",
    ].map(hex)

    static func hex(_ text: String) -> ArraySlice<UInt8> {
        let digits = text.utf8.compactMap(\.hexValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }[...]
    }

    static let noTime = Interval(nanoseconds: 0)

    @Test func capturedLife() {
        let parsed = Self.captured.map { ConnectorMessage.parse($0, suspended: .seconds(1)) }
        #expect(parsed.allSatisfy { $0.malformed == 0 && $0.messages.count == 1 })
        let messages = parsed.flatMap(\.messages)
        #expect(messages.map(\.sequence) == [0, 1, 2, 3] && messages.allSatisfy { $0.cpu == 1 })
        #expect(messages.first?.content == .answer(errno: 0) && messages.first?.acknowledgement == 6)
        let times: [UInt64] = [0x210_6c06_e859, 0x210_6c0d_c02e, 0x210_6c16_07e8]
        let changes: [ConnectorEvent.Change] = [
            .fork(parent: 9808, child: 9849), .exec(pid: 9849), .leaderExit(pid: 9849, status: .code(0)),
        ]
        let expected = zip(times, changes).map { time, change in
            ConnectorMessage.Content.event(
                ConnectorEvent(time: BootTime(nanoseconds: time + 1_000_000_000), change: change))
        }
        #expect(messages.dropFirst().map(\.content) == expected)
    }

    /// A message as the kernel builds it, with the given kind and data.
    static func message(_ kind: UInt32, _ data: [UInt32], cpu: UInt32 = 0, sequence: UInt32 = 0) -> ArraySlice<UInt8> {
        let padded = data + Array(repeating: 0, count: max(0, 6 - data.count))
        let words: [UInt32] = [76, 3, 0, 0, 1, 1, sequence, 0, 40, kind, cpu, 5, 0] + padded
        return words.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }[...]
    }

    static func content(_ kind: UInt32, _ data: [UInt32]) -> ConnectorMessage.Content? {
        ConnectorMessage.parse(message(kind, data), suspended: noTime).messages.first?.content
    }

    static func event(_ change: ConnectorEvent.Change) -> ConnectorMessage.Content {
        .event(ConnectorEvent(time: BootTime(nanoseconds: 5), change: change))
    }

    @Test func kinds() {
        #expect(Self.content(1, [11, 10, 20, 20]) == Self.event(.fork(parent: 10, child: 20)))
        #expect(Self.content(4, [10, 10, 1000, 0]) == Self.event(.userChange(pid: 10, real: 1000, effective: 0)))
        let comm = Self.content(0x200, [10, 10, 0x0062_6161, 0, 0, 0])
        #expect(comm == Self.event(.rename(pid: 10, comm: "aab")))
        #expect(Self.content(0x4000_0000, [11, 10]) == Self.event(.coreDump(pid: 10)))
        #expect(Self.content(0x8000_0000, [10, 10, 768]) == Self.event(.leaderExit(pid: 10, status: .code(3))))
        #expect(
            Self.content(0x8000_0000, [10, 10, 0x8b])
                == Self.event(.leaderExit(pid: 10, status: .signal(.segmentation, coreDumped: true))))
    }

    @Test func threadsAreLeftOut() {
        #expect(Self.content(1, [10, 10, 21, 20]) == .other)
        #expect(Self.content(0x8000_0000, [11, 10, 0]) == .other)
        #expect(Self.content(0x200, [11, 10]) == .other)
        #expect(Self.content(0x80, [10, 10]) == .other)
    }

    @Test func severalInOneDatagram() {
        let all = Self.captured.joined()
        let parsed = ConnectorMessage.parse(Array(all)[...], suspended: Self.noTime)
        #expect(parsed.messages.count == 4 && parsed.malformed == 0)
    }

    @Test func damagedMessages() {
        for message in Self.captured {
            everyDamage(of: message) { _ = ConnectorMessage.parse($0, suspended: Self.noTime) }
            for count in 1..<message.count {
                let parsed = ConnectorMessage.parse(message.prefix(count), suspended: Self.noTime)
                #expect(parsed.messages.isEmpty && parsed.malformed == 1)
            }
        }
        #expect(ConnectorMessage.parse([], suspended: Self.noTime).malformed == 0)
    }

    @Test(arguments: [UInt32(0), 15, 16, 35, 36, 77, .max])
    func lengthsThatLie(_ length: UInt32) {
        var bytes = Array(Self.captured[1])
        withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
        let parsed = ConnectorMessage.parse(bytes[...], suspended: Self.noTime)
        #expect(parsed.messages.isEmpty && parsed.malformed >= 1)
    }

    @Test func timeDoesNotWrap() {
        var bytes = Array(Self.captured[1])
        bytes.replaceSubrange(44..<52, with: [UInt8](repeating: 0xff, count: 8))
        let message = ConnectorMessage.parse(bytes[...], suspended: .seconds(9)).messages.first
        guard case .event(let event) = message?.content else {
            Issue.record("no event")
            return
        }
        #expect(event.time.nanoseconds == .max)
    }

    @Test func missingMessagesAreCountedPerCPU() {
        var counter = ConnectorSequence()
        let steps: [(cpu: UInt32, sequence: UInt32, missing: UInt64)] = [
            (0, 7, 0), (0, 8, 0), (1, 100, 0), (0, 12, 3), (1, 101, 0), (1, 50, 0), (1, 51, 0), (2, .max, 0), (2, 0, 0),
            (2, 2, 1), (.max, 9, 0), (.max, 90, 0),
        ]
        for step in steps {
            let bytes = Self.message(2, [10, 10], cpu: step.cpu, sequence: step.sequence)
            for message in ConnectorMessage.parse(bytes, suspended: Self.noTime).messages {
                #expect(counter.missing(before: message) == step.missing, "\(step)")
            }
        }
    }
}
