internal import BusMessages
internal import CEventABI
public import EventModel

extension EventDecoder {
    /// The messages in a record of what was sent to or by a manager; nil for a record of any other kind. Such a record
    /// holds bodies as they were sent, passwords and all: it must not be written anywhere, only these events.
    public static func managerMessages(_ record: UnsafeRawBufferPointer) throws(MalformedRecord) -> [Event]? {
        let header = try RecordHeader.read(record)
        guard KernelRecordType(rawValue: header.type) == .busBytes else { return nil }
        return try busBytes(header, UnsafeRawBufferPointer(rebasing: record[..<Int(header.size)]))
    }

    static func busBytes(_ header: culprit_header, _ bytes: UnsafeRawBufferPointer) throws(MalformedRecord) -> [Event] {
        let raw = try fixed(bytes, as: culprit_bus_bytes.self)
        var tail = ByteReader(bytes, from: MemoryLayout<culprit_bus_bytes>.size)
        guard let sent = tail.take(Int(raw.kept)) else { throw MalformedRecord(type: header.type, reason: .piece) }
        let address = withUnsafeBytes(of: raw.address) { String(decoding: $0.upToNUL, as: UTF8.self) }
        let peer = process(raw.peer_pid, raw.peer_start_ns)
        let messages =
            EngineRequest.isSocket(address)
            ? [EngineRequest.message(in: sent)].compactMap { $0 } : BusStream.messages(in: sent)
        return messages.map { found in
            var message = found
            message.socket = raw.socket
            message.peerSocket = raw.peer_socket
            message.peer = peer
            message.address = address
            message.isFromListener = RecordFlags(rawValue: header.flags).contains(.fromListener)
            return event(header, .managerMessage(message))
        }
    }
}
