internal import CEventABI
internal import EventModel

extension EventEncoder {
    /// A record of the collector's own; the format is in RecordType.swift.
    static func appendUser(_ event: Event, to bytes: inout [UInt8]) {
        switch event.body {
        case .host(let host): append(host, of: event, to: &bytes)
        case .clock(let offset):
            open(.clock, of: event, in: &bytes)
            append(integer: offset.nanoseconds, to: &bytes)
        case .source(let status):
            open(.source, of: event, in: &bytes)
            append(integer: UInt32(status.state.rawValue), to: &bytes)
            append(status.name, to: &bytes)
            append(status.why, to: &bytes)
        case .gap(let gap): append(gap, of: event, to: &bytes)
        case .seen(let process): append(process, of: event, to: &bytes)
        case .configuration(let yaml):
            open(.configuration, of: event, in: &bytes)
            // Beside it only the header, the source and the length.
            append(yaml, to: &bytes, limit: RecordHeader.maximumSize - RecordHeader.minimumSize - 8)
        default: break
        }
    }

    static func open(_ type: UserRecordType, of event: Event, in bytes: inout [UInt8]) {
        append(header(of: event, type: type.rawValue, flags: []), to: &bytes)
        append(integer: UInt32(event.source.rawValue), to: &bytes)
    }

    private static func append(_ host: Host, of event: Event, to bytes: inout [UInt8]) {
        open(.host, of: event, in: &bytes)
        append(host.name, to: &bytes)
        append(host.machineID, to: &bytes)
        append(host.bootID, to: &bytes)
        append(host.kernel, to: &bytes)
        append(integer: host.wallOffset.nanoseconds, to: &bytes)
        append(integer: host.collector.start.nanoseconds, to: &bytes)
        append(integer: host.collector.pid, to: &bytes)
        append(host.version, to: &bytes)
    }

    private static func append(_ gap: Gap, of event: Event, to bytes: inout [UInt8]) {
        open(.gap, of: event, in: &bytes)
        append(integer: gap.from.nanoseconds, to: &bytes)
        append(integer: gap.to.nanoseconds, to: &bytes)
        append(integer: gap.lost, to: &bytes)
        append(gap.source, to: &bytes)
        append(gap.why, to: &bytes)
    }

    private static func append(_ process: ProcessSeen, of event: Event, to bytes: inout [UInt8]) {
        open(.seen, of: event, in: &bytes)
        append(integer: flags(of: process).rawValue, to: &bytes)
        append(integer: process.parent?.start.nanoseconds ?? 0, to: &bytes)
        append(integer: process.parent?.pid ?? 0, to: &bytes)
        append(integer: process.innerPID ?? 0, to: &bytes)
        append(integer: process.uid, to: &bytes)
        append(process.comm, to: &bytes)
        if let image = process.image { append(image, to: &bytes) }
    }

    private static func flags(of process: ProcessSeen) -> SeenFlags {
        var flags: SeenFlags = []
        if process.isKernelThread { flags.insert(.kernelThread) }
        if process.parent != nil { flags.insert(.parent) }
        if process.innerPID != nil { flags.insert(.innerPID) }
        guard let image = process.image else { return flags }
        flags.insert(.image)
        if image.exe != nil { flags.insert(.exe) }
        if image.cwd != nil { flags.insert(.cwd) }
        if image.argv.isUnreadable { flags.insert(.argvUnreadable) }
        return flags
    }

    private static func append(_ image: ExecImage, to bytes: inout [UInt8]) {
        append(image.path, to: &bytes)
        if let exe = image.exe { append(exe, to: &bytes) }
        if let cwd = image.cwd { append(cwd, to: &bytes) }
        let argv = clipped(image.argv)
        append(integer: UInt64(clamping: argv.totalBytes), to: &bytes)
        append(integer: UInt32(clamping: argv.head.count), to: &bytes)
        bytes.append(contentsOf: argv.head)
        append(integer: UInt32(clamping: argv.tail.count), to: &bytes)
        bytes.append(contentsOf: argv.tail)
        let markers = image.markers.prefix(mostMarkers)
        append(integer: UInt32(clamping: markers.count), to: &bytes)
        for marker in markers {
            append(marker.name, to: &bytes)
            append(marker.value, to: &bytes)
        }
    }

    static func append<Value: FixedWidthInteger & BitwiseCopyable>(integer: Value, to bytes: inout [UInt8]) {
        append(integer.littleEndian, to: &bytes)
    }

    /// A `str`; beyond the limit it is cut and ends in `…`, limit included.
    static func append(_ text: String, to bytes: inout [UInt8], limit: Int = longestText) {
        let mark = "…".utf8
        let text = text.utf8.count > limit ? ClippedText(text, to: limit - mark.count) : ClippedText(text, to: limit)
        append(integer: UInt32(clamping: text.kept.count + (text.isCut ? mark.count : 0)), to: &bytes)
        bytes.append(contentsOf: text.kept)
        if text.isCut { bytes.append(contentsOf: mark) }
    }
}
