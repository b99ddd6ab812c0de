internal import CEventABI
public import EventModel

/// `Event` to bytes: the same wire form that the kernel programs write (event.h), and RecordType.swift for the rest.
///
/// Decoding gives the event back, as far as the wire can hold it. What it cannot hold:
/// - kernel types know two sources: what is not `.bpf` comes back as `.procfs`; an unknown type from 64 on as
///   `.collector`;
/// - a `process`, parent, inner pid or former thread with number 0 is none; without a process there is no start time;
/// - `exec`: no `cwd` (SEEN carries it); `exe` is absolute, without empty components or NUL; a marker's name holds no
///   `=`, neither name nor value a NUL;
/// - `signal`: numbers 0 to 255; a code that only the kernel makes comes back with origin `.kernel`, never `.process`;
/// - `cgroup(.made)` and `.removed`: the event's cgroup is the body's; addresses have 4 (IPv4) or 16 bytes;
/// - pieces beyond the limits of event.h or `longestText` are cut: argv keeps head, tail and its length; a path and
///   other text end in `…`; an `exe` starts with it; a cgroup's name (256 bytes, the kernel knows 255) is just cut;
///   markers that do not fit make an exec's environment incomplete; SEEN holds 24 of them.
public enum EventEncoder {
    /// Longest text in a user record in bytes, other than the configuration: PATH_MAX.
    public static let longestText = 4096
    /// Most markers in a SEEN record.
    static let mostMarkers = 24
    /// Most fields, files, relations or arguments in a JOURNAL, UNIT or MANAGER_MESSAGE record; further ones are left out.
    public static let mostItems = 48

    /// Appends the record of `event` to `bytes`; never more than `RecordHeader.maximumSize` bytes, a multiple of 8.
    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        let start = bytes.count
        switch event.body {
        case .fork(let fork): append(fork, of: event, to: &bytes)
        case .exec(let exec): append(exec, of: event, to: &bytes)
        case .exit(let exit): append(exit, of: event, to: &bytes)
        case .signal(let signal): append(signal, of: event, to: &bytes)
        case .oomVictim(let victim): append(victim, of: event, to: &bytes)
        case .socket(let change): append(change, of: event, to: &bytes)
        case .cgroup(let change): append(change, of: event, to: &bytes)
        case .unrecognised(let type): append(unrecognised: type, of: event, to: &bytes)
        case .seen, .host, .clock, .source, .gap, .configuration: appendUser(event, to: &bytes)
        case .journal(let entry): append(entry, of: event, to: &bytes)
        case .unit(let state): append(state, of: event, to: &bytes)
        case .job(let change): append(change, of: event, to: &bytes)
        case .managerMessage(let message): append(message, of: event, to: &bytes)
        case .unitFile(let change): append(change, of: event, to: &bytes)
        case .hostSample(let sample): append(sample, of: event, to: &bytes)
        case .cgroupSamples(let samples): append(samples, of: event, to: &bytes)
        case .processSamples(let samples): append(samples, of: event, to: &bytes)
        case .processHoldings(let holdings): append(holdings, of: event, to: &bytes)
        case .oomDump(let dump): append(dump, of: event, to: &bytes)
        case .registration(let registration): append(registration, of: event, to: &bytes)
        case .unixSocket(let change): append(change, of: event, to: &bytes)
        }
        close(recordAt: start, in: &bytes)
    }

    /// A header without its size, which is known when the record is whole.
    static func header(of event: Event, type: KernelRecordType, flags: RecordFlags = []) -> culprit_header {
        header(of: event, type: type.rawValue, flags: event.source == .bpf ? flags : flags.union(.fromProcFS))
    }

    static func header(of event: Event, type: UInt16, flags: RecordFlags) -> culprit_header {
        culprit_header(
            size: 0, type: type, flags: flags.rawValue, time_ns: event.time.nanoseconds,
            start_ns: event.process?.start.nanoseconds ?? 0, pid: wire(event.process?.pid),
            tid: wire(event.thread), cgroup: event.cgroup.rawValue)
    }

    /// The type of a record that says nothing else. A type that is known would make a malformed record: it becomes 0,
    /// which no table knows.
    private static func append(unrecognised type: UInt16, of event: Event, to bytes: inout [UInt8]) {
        let type = KernelRecordType(rawValue: type)
        let isKnown = KernelRecordType.all.contains(type) || UserRecordType(rawValue: type.rawValue) != nil
        append(header(of: event, type: isKnown ? KernelRecordType(rawValue: 0) : type), to: &bytes)
    }

    /// Pads to a multiple of 8 and fills in the size.
    private static func close(recordAt start: Int, in bytes: inout [UInt8]) {
        while bytes.count % RecordHeader.alignment != 0 { bytes.append(0) }
        let size = UInt32(clamping: bytes.count - start)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: size, toByteOffset: start, as: UInt32.self) }
    }

    /// A C structure as it lies in memory.
    static func append<Layout: BitwiseCopyable>(_ layout: Layout, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: layout) { bytes.append(contentsOf: $0) }
    }

    /// 0 for none.
    static func wire(_ pid: Int32?) -> UInt32 { UInt32(bitPattern: pid ?? 0) }
}
