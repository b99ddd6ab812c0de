internal import CEventABI
internal import EventModel

extension EventDecoder {
    /// A record of the collector's own; the format is in RecordType.swift.
    static func user(
        _ type: UserRecordType, _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event {
        var body = ByteReader(bytes, from: MemoryLayout<culprit_header>.size)
        guard let number = body.integer(UInt32.self) else {
            throw MalformedRecord(type: header.type, reason: .fixedPart)
        }
        guard let source = UInt8(exactly: number).flatMap(Source.init(rawValue:)) else {
            throw MalformedRecord(type: header.type, reason: .value)
        }
        let decoded: Event.Body? =
            switch type {
            case .host: host(&body)
            case .clock: body.integer(Int64.self).map { .clock(WallOffset(nanoseconds: $0)) }
            case .source: try sourceStatus(&body)
            case .gap: gap(&body)
            case .seen: seen(&body)
            case .configuration: body.string().map { .configuration($0) }
            case .journal: journal(&body)
            case .unit: unitState(&body)
            case .job: job(&body)
            case .managerMessage: managerMessage(&body)
            case .unitFile: try unitFile(&body)
            case .hostSample: try hostSample(&body)
            case .cgroupSamples: try cgroupSamples(&body)
            case .processSamples: try processSamples(&body)
            case .processHoldings: processHoldings(&body)
            case .oomDump: oomDump(&body)
            case .registration: registration(&body)
            case .unixSocket: try unixSocket(&body)
            }
        guard let decoded else { throw MalformedRecord(type: header.type, reason: .piece) }
        return event(header, source, decoded)
    }

    private static func host(_ body: inout ByteReader) -> Event.Body? {
        guard let name = body.string(), let machineID = body.string(), let bootID = body.string(),
            let kernel = body.string(), let offset = body.integer(Int64.self), let start = body.integer(UInt64.self),
            let pid = body.integer(Int32.self), let version = body.string()
        else { return nil }
        return .host(
            Host(
                name: name, machineID: machineID, bootID: bootID, kernel: kernel,
                wallOffset: WallOffset(nanoseconds: offset),
                collector: ProcessKey(pid: pid, start: BootTime(nanoseconds: start)), version: version))
    }

    private static func sourceStatus(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let number = body.integer(UInt32.self), let name = body.string(), let why = body.string() else {
            return nil
        }
        guard let state = UInt8(exactly: number).flatMap(SourceStatus.State.init(rawValue:)) else {
            throw MalformedRecord(type: UserRecordType.source.rawValue, reason: .value)
        }
        return .source(SourceStatus(name: name, state: state, why: why))
    }

    private static func gap(_ body: inout ByteReader) -> Event.Body? {
        guard let from = body.integer(UInt64.self), let to = body.integer(UInt64.self),
            let lost = body.integer(UInt64.self), let source = body.string(), let why = body.string()
        else { return nil }
        return .gap(
            Gap(
                source: source, from: BootTime(nanoseconds: from), to: BootTime(nanoseconds: to), lost: lost, why: why))
    }

    private static func seen(_ body: inout ByteReader) -> Event.Body? {
        guard let flags = body.integer(UInt32.self).map(SeenFlags.init(rawValue:)),
            let start = body.integer(UInt64.self), let parent = body.integer(Int32.self),
            let inner = body.integer(Int32.self), let uid = body.integer(UInt32.self), let comm = body.string()
        else { return nil }
        var process = ProcessSeen(parent: nil, uid: uid, comm: comm, isKernelThread: flags.contains(.kernelThread))
        if flags.contains(.parent) { process.parent = ProcessKey(pid: parent, start: BootTime(nanoseconds: start)) }
        if flags.contains(.innerPID) { process.innerPID = inner }
        if flags.contains(.image) {
            guard let image = image(&body, flags) else { return nil }
            process.image = image
        }
        return .seen(process)
    }

    private static func image(_ body: inout ByteReader, _ flags: SeenFlags) -> ExecImage? {
        guard let path = body.string() else { return nil }
        var image = ExecImage(path: path)
        if flags.contains(.exe) {
            guard let exe = body.string() else { return nil }
            image.exe = exe
        }
        if flags.contains(.cwd) {
            guard let cwd = body.string() else { return nil }
            image.cwd = cwd
        }
        guard let total = body.integer(UInt64.self), let head = body.counted(), let tail = body.counted(),
            let count = body.integer(UInt32.self)
        else { return nil }
        image.argv = ArgumentVector(
            head: Array(head), tail: Array(tail), totalBytes: Int(clamping: total),
            isUnreadable: flags.contains(.argvUnreadable))
        // Nothing is reserved for `count`: each marker must be there, or the record is malformed.
        for _ in 0..<count {
            guard let name = body.string(), let value = body.string() else { return nil }
            image.markers.append(EnvironmentMarker(name: name, value: value))
        }
        return image
    }
}
