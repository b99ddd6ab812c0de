public import EventModel

/// The messages in what one send passed on: pure and total. What is no D-Bus gives none.
public enum BusStream {
    /// Most messages that are taken of one send.
    static let mostMessages = 32

    /// What `bytes` hold of calls that change something, and of answers; other calls and all signals are left out.
    /// Connection, address and process are not in the bytes and are for the caller to fill in.
    public static func messages(in bytes: UnsafeRawBufferPointer) -> [ManagerMessage] {
        var messages: [ManagerMessage] = []
        var offset = BusHeader.begins(bytes) ? 0 : endOfAuthentication(bytes)
        for _ in 0..<mostMessages {
            guard offset < bytes.count else { break }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard let header = BusHeader(rest) else { break }
            if let message = message(rest, header) { messages.append(message) }
            offset += header.size
        }
        return messages
    }

    /// Behind the line with which a client's text ends and its messages begin; the end where there is none.
    private static func endOfAuthentication(_ bytes: UnsafeRawBufferPointer) -> Int {
        let line = Array("BEGIN\r\n".utf8)
        var start = 0
        while bytes.count - start >= line.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + line.count)])
            if piece.elementsEqual(line) { return start + line.count }
            start += 1
        }
        return bytes.count
    }

    private static func message(_ bytes: UnsafeRawBufferPointer, _ header: BusHeader) -> ManagerMessage? {
        var message = ManagerMessage(
            kind: header.kind, serial: header.serial, replySerial: header.replySerial, destination: header.destination,
            sender: header.sender, path: header.path, interface: header.interface, member: header.member,
            errorName: header.errorName, isCut: header.isCut || header.size > bytes.count)
        var body = BusBody(bytes, header)
        switch header.kind {
        case .call:
            guard message.asksForChange else { return nil }
            message.arguments = ManagerMethod.of(message).map { arguments(of: $0, &body) } ?? []
        case .reply: message.arguments = jobs(&body)
        case .error: break
        case .signal: return nil
        }
        return message
    }

    private static func arguments(of method: ManagerMethod, _ body: inout BusBody) -> [ManagerMessage.Argument] {
        var arguments: [ManagerMessage.Argument] = []
        // Variables of the environment, above all.
        if method.form == .bare { return body.next().map { argument in argument.isText ? [] : [argument] } ?? [] }
        let hasProperties = method.verb == .setProperties
        // Enough for a unit, a type of job or whom a signal is for, and a mode or a signal.
        let most = hasProperties ? (method.form == .unit ? 2 : 1) : method.verb == .startTransient ? 2 : 3
        for _ in 0..<most {
            guard let argument = body.next(listsToo: method.form == .units) else { break }
            arguments.append(argument)
        }
        if hasProperties { arguments.append(.list(body.properties())) }
        if method.verb == .startTransient, arguments.count == 2 {
            let others = body.auxiliaryUnits()
            if !others.isEmpty { arguments.append(.list(others)) }
        }
        return arguments
    }

    /// Of a reply only paths of jobs, and a number in front of one, are of interest.
    private static func jobs(_ body: inout BusBody) -> [ManagerMessage.Argument] {
        guard let first = body.next(listsToo: true) else { return [] }
        if let job = job(first) { return [job] }
        guard case .number = first, let second = body.next(), let job = job(second) else { return [] }
        return [job]
    }

    private static func job(_ argument: ManagerMessage.Argument) -> ManagerMessage.Argument? {
        switch argument {
        case .text(let path): return UnitPath.job(at: path).map { _ in argument }
        case .list(let paths):
            let jobs = paths.filter { UnitPath.job(at: $0) != nil }
            return jobs.isEmpty ? nil : .list(jobs)
        case .number, .flag: return nil
        }
    }
}

extension ManagerMessage.Argument {
    fileprivate var isText: Bool {
        switch self {
        case .text, .list: true
        case .number, .flag: false
        }
    }
}

extension ManagerMessage {
    /// A call to systemd or logind that does not only read. One that this version does not know counts, without its
    /// arguments: a later systemd may have more ways to stop a unit.
    fileprivate var asksForChange: Bool {
        if ManagerMethod.of(self) != nil { return true }
        let services = ["org.freedesktop.systemd1.", "org.freedesktop.login1."]
        guard let interface, services.contains(where: { interface.hasPrefix($0) }), let member else { return false }
        return !Self.readers.contains { member.hasPrefix($0) }
    }

    /// How members begin that change nothing that lives.
    private static let readers = [
        "Get", "List", "Load", "Lookup", "Can", "Dump", "Describe", "Subscribe", "Unsubscribe", "Inhibit", "Ref",
        "Unref",
        "Verify",
    ]
}
