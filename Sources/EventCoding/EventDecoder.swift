internal import CEventABI
public import EventModel

/// Bytes to `Event`: pure and total. Whatever the bytes are, the answer is an event or a `MalformedRecord`.
///
/// Source of fact: event.h for types below 64, RecordType.swift for the rest.
public enum EventDecoder {
    /// The frame of the record at the start of `record`; nil where its size cannot be.
    public static func header(_ record: UnsafeRawBufferPointer) -> RecordHeader? {
        guard let raw = try? RecordHeader.read(record) else { return nil }
        return RecordHeader(
            size: Int(raw.size), type: raw.type, flags: raw.flags, time: BootTime(nanoseconds: raw.time_ns))
    }

    /// The event in the record at the start of `record`; bytes behind the record are ignored.
    ///
    /// A type that neither table knows becomes `.unrecognised`. `exec` carries no working directory on the wire.
    public static func decode(_ record: UnsafeRawBufferPointer) throws(MalformedRecord) -> Event {
        let header = try RecordHeader.read(record)
        let bytes = UnsafeRawBufferPointer(rebasing: record[..<Int(header.size)])
        if let type = UserRecordType(rawValue: header.type) { return try user(type, header, bytes) }
        return try kernel(header, bytes)
    }

    private static func kernel(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event {
        switch KernelRecordType(rawValue: header.type) {
        case .fork: event(header, try fork(bytes))
        case .exec: event(header, try exec(header, bytes))
        case .exit: event(header, try exit(header, bytes))
        case .signal: event(header, try signal(header, bytes))
        case .oomVictim: event(header, try oomVictim(header, bytes))
        case .bindAttempt: event(header, try socket(.attempt, bytes))
        case .bound: event(header, try socket(.bound, bytes))
        case .listen: event(header, try socket(.listening, bytes))
        case .unlisten: event(header, try socket(.closed, bytes))
        case .cgroupMade: event(header, try cgroupMade(header, bytes))
        case .cgroupRemoved: event(header, .cgroup(.removed(CgroupID(rawValue: header.cgroup))))
        case .cgroupMoved: event(header, .cgroup(.moved))
        case .task: event(header, try task(header, bytes))
        case .busBytes: try busBytes(header, bytes).first ?? event(header, .unrecognised(type: header.type))
        default: event(header, .unrecognised(type: header.type))
        }
    }

    @inline(__always)
    static func event(_ header: culprit_header, _ body: Event.Body) -> Event {
        let source: Source =
            if header.type >= UserRecordType.host.rawValue {
                .collector
            } else {
                RecordFlags(rawValue: header.flags).contains(.fromProcFS) ? .procfs : .bpf
            }
        return event(header, source, body)
    }

    @inline(__always)
    static func event(_ header: culprit_header, _ source: Source, _ body: Event.Body) -> Event {
        Event(
            time: BootTime(nanoseconds: header.time_ns), source: source, process: process(header.pid, header.start_ns),
            thread: Int32(bitPattern: header.tid), cgroup: CgroupID(rawValue: header.cgroup), body: body)
    }

    /// Nil for pid 0: none, or none in the collector's pid namespace.
    @inline(__always)
    static func process(_ pid: UInt32, _ start: UInt64) -> ProcessKey? {
        pid == 0 ? nil : ProcessKey(pid: Int32(bitPattern: pid), start: BootTime(nanoseconds: start))
    }

    /// Nil for 0, which is how the wire says "none".
    @inline(__always)
    static func optionalPID(_ pid: UInt32) -> Int32? { pid == 0 ? nil : Int32(bitPattern: pid) }

    /// The fixed part of a record, as the C structure it is.
    @inline(__always)
    static func fixed<Layout: BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, as layout: Layout.Type
    ) throws(MalformedRecord) -> Layout {
        var reader = ByteReader(bytes)
        guard let value = reader.value(layout) else {
            throw MalformedRecord(type: header(bytes)?.type, reason: .fixedPart)
        }
        return value
    }
}
