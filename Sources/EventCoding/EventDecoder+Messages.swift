internal import EventModel

extension EventDecoder {
    /// MANAGER_MESSAGE; the format is in RecordType.swift.
    static func managerMessage(_ body: inout ByteReader) -> Event.Body? {
        guard let number = body.integer(UInt32.self),
            let kind = UInt8(exactly: number).flatMap(ManagerMessage.Kind.init(rawValue:)),
            let flags = body.integer(UInt32.self).map(MessageFlags.init(rawValue:)),
            let serial = body.integer(UInt32.self), let replySerial = body.integer(UInt32.self),
            let socket = body.integer(UInt64.self), let peerSocket = body.integer(UInt64.self),
            let start = body.integer(UInt64.self), let pid = body.integer(Int32.self), let address = body.string()
        else { return nil }
        var message = ManagerMessage(
            kind: kind, serial: serial, replySerial: flags.contains(.replySerial) ? replySerial : nil, socket: socket,
            peerSocket: peerSocket, isFromListener: flags.contains(.fromListener), address: address,
            isCut: flags.contains(.cut))
        if flags.contains(.peer) { message.peer = ProcessKey(pid: pid, start: BootTime(nanoseconds: start)) }
        guard names(of: &message, flags, &body), let count = body.integer(UInt32.self) else { return nil }
        for _ in 0..<count {
            guard let argument = argument(&body) else { return nil }
            message.arguments.append(argument)
        }
        return .managerMessage(message)
    }

    private static func names(of message: inout ManagerMessage, _ flags: MessageFlags, _ body: inout ByteReader) -> Bool
    {
        let names: [(MessageFlags, WritableKeyPath<ManagerMessage, String?>)] = [
            (.destination, \.destination), (.sender, \.sender), (.path, \.path), (.interface, \.interface),
            (.member, \.member), (.errorName, \.errorName),
        ]
        for (flag, name) in names where flags.contains(flag) {
            guard let text = body.string() else { return false }
            message[keyPath: name] = text
        }
        return true
    }

    private static func argument(_ body: inout ByteReader) -> ManagerMessage.Argument? {
        switch body.integer(UInt32.self) {
        case 0: body.string().map { .text($0) }
        case 1: body.integer(Int64.self).map { .number($0) }
        case 2: body.integer(UInt32.self).map { .flag($0 != 0) }
        case 3: list(&body).map { .list($0) }
        default: nil
        }
    }
}
