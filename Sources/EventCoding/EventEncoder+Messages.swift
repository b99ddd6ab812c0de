internal import CEventABI
internal import EventModel

extension EventEncoder {
    /// The format is in RecordType.swift.
    static func append(_ message: ManagerMessage, of event: Event, to bytes: inout [UInt8]) {
        open(.managerMessage, of: event, in: &bytes)
        append(integer: UInt32(message.kind.rawValue), to: &bytes)
        append(integer: flags(of: message).rawValue, to: &bytes)
        append(integer: message.serial, to: &bytes)
        append(integer: message.replySerial ?? 0, to: &bytes)
        append(integer: message.socket, to: &bytes)
        append(integer: message.peerSocket, to: &bytes)
        append(integer: message.peer?.start.nanoseconds ?? 0, to: &bytes)
        append(integer: message.peer?.pid ?? 0, to: &bytes)
        append(message.address, to: &bytes)
        let texts = [
            message.destination, message.sender, message.path, message.interface, message.member, message.errorName,
        ]
        for text in texts { if let text { append(text, to: &bytes) } }
        let arguments = message.arguments.prefix(mostItems)
        append(integer: UInt32(clamping: arguments.count), to: &bytes)
        for argument in arguments { append(argument, to: &bytes) }
    }

    private static func flags(of message: ManagerMessage) -> MessageFlags {
        var flags: MessageFlags = []
        if message.replySerial != nil { flags.insert(.replySerial) }
        if message.peer != nil { flags.insert(.peer) }
        if message.isCut { flags.insert(.cut) }
        if message.destination != nil { flags.insert(.destination) }
        if message.sender != nil { flags.insert(.sender) }
        if message.path != nil { flags.insert(.path) }
        if message.interface != nil { flags.insert(.interface) }
        if message.member != nil { flags.insert(.member) }
        if message.errorName != nil { flags.insert(.errorName) }
        if message.isFromListener { flags.insert(.fromListener) }
        return flags
    }

    private static func append(_ argument: ManagerMessage.Argument, to bytes: inout [UInt8]) {
        switch argument {
        case .text(let text):
            append(integer: UInt32(0), to: &bytes)
            append(text, to: &bytes)
        case .number(let number):
            append(integer: UInt32(1), to: &bytes)
            append(integer: number, to: &bytes)
        case .flag(let flag):
            append(integer: UInt32(2), to: &bytes)
            append(integer: UInt32(flag ? 1 : 0), to: &bytes)
        case .list(let list):
            append(integer: UInt32(3), to: &bytes)
            append(list: list, to: &bytes)
        }
    }
}
