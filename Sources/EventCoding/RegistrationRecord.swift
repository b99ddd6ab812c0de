internal import EventModel

/// Bits of a REGISTRATION record.
struct RegistrationFlags: OptionSet {
    var rawValue: UInt32
    static let agent = RegistrationFlags(rawValue: 1)
    static let session = RegistrationFlags(rawValue: 2)
    static let isOver = RegistrationFlags(rawValue: 4)
}

extension EventEncoder {
    /// The format is in RecordType.swift.
    static func append(_ registration: Registration, of event: Event, to bytes: inout [UInt8]) {
        var flags: RegistrationFlags = []
        if registration.agent != nil { flags.insert(.agent) }
        if registration.session != nil { flags.insert(.session) }
        if registration.isOver { flags.insert(.isOver) }
        open(.registration, of: event, in: &bytes)
        append(integer: registration.root.start.nanoseconds, to: &bytes)
        append(integer: registration.root.pid, to: &bytes)
        append(integer: flags.rawValue, to: &bytes)
        append(registration.agent ?? "", to: &bytes)
        append(registration.session ?? "", to: &bytes)
        append(registration.hook, to: &bytes)
    }
}

extension EventDecoder {
    /// REGISTRATION; the format is in RecordType.swift.
    static func registration(_ body: inout ByteReader) -> Event.Body? {
        guard let start = body.integer(UInt64.self), let pid = body.integer(Int32.self),
            let flags = body.integer(UInt32.self).map(RegistrationFlags.init(rawValue:)), let agent = body.string(),
            let session = body.string(), let hook = body.string()
        else { return nil }
        return .registration(
            Registration(
                root: ProcessKey(pid: pid, start: BootTime(nanoseconds: start)),
                agent: flags.contains(.agent) ? agent : nil, session: flags.contains(.session) ? session : nil,
                isOver: flags.contains(.isOver), hook: hook))
    }
}
