internal import CEventABI
public import EventModel

extension EventEncoder {
    /// UNIX_SOCKET; the format is in RecordType.swift.
    static func append(_ change: UnixSocketChange, of event: Event, to bytes: inout [UInt8]) {
        open(.unixSocket, of: event, in: &bytes)
        append(integer: UInt32(change.step.rawValue), to: &bytes)
        append(integer: UInt32(change.changedAt == nil ? 0 : 1), to: &bytes)
        append(integer: change.socket, to: &bytes)
        append(integer: change.address.place, to: &bytes)
        append(integer: change.changedAt?.nanoseconds ?? 0, to: &bytes)
        append(change.address.name, to: &bytes)
    }
}

extension EventDecoder {
    /// UNIX_SOCKET; the format is in RecordType.swift.
    static func unixSocket(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let number = body.integer(UInt32.self), let isTimed = body.integer(UInt32.self),
            let socket = body.integer(UInt64.self), let place = body.integer(UInt64.self),
            let changed = body.integer(UInt64.self), let name = body.string()
        else { return nil }
        guard let step = UInt8(exactly: number).flatMap(UnixSocketChange.Step.init(rawValue:)) else {
            throw MalformedRecord(type: UserRecordType.unixSocket.rawValue, reason: .value)
        }
        return .unixSocket(
            UnixSocketChange(
                step: step, address: UnixAddress(name: name, place: place), socket: socket,
                changedAt: isTimed == 1 ? BootTime(nanoseconds: changed) : nil))
    }

    /// The sockets of a piece of the kernel's list, behind those that are there already; how many were beyond `limit`.
    /// Paths that are not absolute are left out: what they are relative to is not known.
    public static func readUnixListeners(
        _ bytes: UnsafeRawBufferPointer, into listeners: inout [UnixListener], limit: Int
    ) -> Int {
        var reader = ByteReader(bytes)
        var beyond = 0
        while let raw = reader.value(culprit_unix_listener.self) {
            let isFile = raw.flags & UInt16(CULPRIT_UNIX_FILE.rawValue) != 0
            guard let name = name(raw, isFile: isFile) else { continue }
            guard listeners.count < limit else {
                beyond += 1
                continue
            }
            listeners.append(
                UnixListener(
                    address: UnixAddress(name: name, place: raw.place), socket: raw.socket,
                    opener: ProcessKey(pid: Int32(bitPattern: raw.pid), start: BootTime(nanoseconds: raw.start_ns)),
                    changed: isFile && raw.changed_ns > 0 ? raw.changed_ns : nil,
                    isNameless: raw.flags & UInt16(CULPRIT_UNIX_REMOVED.rawValue) != 0))
        }
        return beyond
    }

    /// What is no UTF-8 becomes U+FFFD; a NUL within an abstract name becomes `@`, as in `/proc/net/unix`.
    private static func name(_ raw: culprit_unix_listener, isFile: Bool) -> String? {
        withUnsafeBytes(of: raw.name) { room in
            let given = UnsafeRawBufferPointer(rebasing: room.prefix(Int(raw.name_len)))
            guard isFile else {
                let visible = given.map { $0 == 0 ? UInt8(ascii: "@") : $0 }
                return visible.isEmpty ? nil : String(decoding: visible, as: UTF8.self)
            }
            let path = given.upToNUL
            return path.first == UInt8(ascii: "/") ? String(decoding: path, as: UTF8.self) : nil
        }
    }
}
