import BusMessages
import EventModel

extension FuzzTarget {
    /// A restart of web.service as systemctl 252 sends it, and the same behind the text of the authentication.
    static func busSeeds() -> [[UInt8]] {
        [
            restart, Array("\0AUTH EXTERNAL 30\r\nBEGIN\r\n".utf8) + restart,
            Array("POST /v1.41/containers/web/start?t=1 HTTP/1.1\r\nHost: docker\r\n\r\n".utf8),
        ]
    }

    /// Nothing is made up, and nothing grows: texts and lists come out of the bytes.
    static func parseBus(_ input: UnsafeRawBufferPointer) {
        let messages = BusStream.messages(in: input) + [EngineRequest.message(in: input)].compactMap { $0 }
        precondition(messages.count <= 33, "too many messages")
        var texts = 0
        for message in messages {
            precondition(message.arguments.count <= 3, "too many arguments")
            let names = [message.path, message.interface, message.member, message.sender, message.destination]
            texts += names.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
            _ = ManagerCall(message)
            _ = message.jobs
        }
        precondition(texts <= input.count, "more text than there was")
    }

    /// `struct culprit_bus_bytes` around a message: event.h.
    static func busRecord() -> [UInt8] {
        var record = [UInt8](repeating: 0, count: 128) + restart
        record += [UInt8](repeating: 0, count: (8 - record.count % 8) % 8)
        let fields: [(Int, UInt32)] = [
            (0, UInt32(record.count)), (4, 14), (24, 4711), (64, 1), (72, UInt32(restart.count)),
        ]
        for (offset, value) in fields {
            withUnsafeBytes(of: value) { record.replaceSubrange(offset..<(offset + 4), with: $0) }
        }
        record.replaceSubrange(80..<100, with: Array("/run/systemd/private".utf8))
        return record
    }

    private static let restart: [UInt8] = {
        let hexadecimal =
            "6c0104011c00000001000000a000000001016f00190000002f6f72672f667265656465736b746f702f73797374656d643100"
            + "000000000000030173000b00000052657374617274556e6974000000000002017300200000006f72672e667265656465736b"
            + "746f702e73797374656d64312e4d616e61676572000000000000000006017300180000006f72672e667265656465736b746f"
            + "702e73797374656d6431000000000000000008016700027373000b0000007765622e7365727669636500070000007265706c"
            + "61636500"
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }()
}
