internal import EventModel

// How much of what was there and used; the format is in RecordType.swift.
extension EventDecoder {
    static func hostSample(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let reason = try sampleReason(&body, of: .hostSample),
            let flags = body.integer(UInt32.self).map(HostSampleFlags.init(rawValue:))
        else { return nil }
        var sample = HostSample(reason: reason)
        guard stall(flags.contains(.cpu), &body, into: &sample.cpu),
            stall(flags.contains(.memory), &body, into: &sample.memory),
            stall(flags.contains(.io), &body, into: &sample.io)
        else { return nil }
        if flags.contains(.amounts) {
            guard let total = body.integer(UInt64.self), let available = body.integer(UInt64.self),
                let swapTotal = body.integer(UInt64.self), let swapFree = body.integer(UInt64.self)
            else { return nil }
            sample.amounts = .init(total: total, available: available, swapTotal: swapTotal, swapFree: swapFree)
        }
        guard flags.contains(.cpus) else { return .hostSample(sample) }
        sample.cpus = body.integer(UInt32.self)
        return sample.cpus == nil ? nil : .hostSample(sample)
    }

    private static func sampleReason(
        _ body: inout ByteReader, of type: UserRecordType
    ) throws(MalformedRecord) -> SampleReason? {
        guard let number = body.integer(UInt32.self) else { return nil }
        guard let reason = UInt8(exactly: number).flatMap(SampleReason.init(rawValue:)) else {
            throw MalformedRecord(type: type.rawValue, reason: .value)
        }
        return reason
    }

    /// False where it should be there and is not.
    private static func stall(_ isThere: Bool, _ body: inout ByteReader, into stall: inout Stall?) -> Bool {
        guard isThere else { return true }
        guard let some = body.integer(UInt32.self), let full = body.integer(UInt32.self),
            let someTotal = body.integer(UInt64.self), let fullTotal = body.integer(UInt64.self)
        else { return false }
        stall = Stall(some10: some, full10: full, someTotal: someTotal, fullTotal: fullTotal)
        return true
    }

    private static func number(_ isThere: Bool, _ body: inout ByteReader, into number: inout UInt64?) -> Bool {
        guard isThere else { return true }
        number = body.integer(UInt64.self)
        return number != nil
    }

    static func cgroupSamples(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let reason = try sampleReason(&body, of: .cgroupSamples), let omitted = body.integer(UInt32.self),
            let count = body.integer(UInt32.self)
        else { return nil }
        var samples = CgroupSamples(reason: reason, entries: [], omitted: omitted)
        // Nothing is reserved for a count: each item must be there, or the record is malformed.
        for _ in 0..<count {
            guard let usage = cgroupUsage(&body) else { return nil }
            samples.entries.append(usage)
        }
        return .cgroupSamples(samples)
    }

    private static func cgroupUsage(_ body: inout ByteReader) -> CgroupUsage? {
        guard let cgroup = body.integer(UInt64.self),
            let flags = body.integer(UInt32.self).map(CgroupUsageFlags.init(rawValue:))
        else { return nil }
        var usage = CgroupUsage(cgroup: CgroupID(rawValue: cgroup))
        guard number(flags.contains(.memory), &body, into: &usage.memory),
            number(flags.contains(.limit), &body, into: &usage.limit),
            number(flags.contains(.cpu), &body, into: &usage.cpu)
        else { return nil }
        if flags.contains(.events) {
            guard let high = body.integer(UInt64.self), let max = body.integer(UInt64.self),
                let oom = body.integer(UInt64.self), let kill = body.integer(UInt64.self)
            else { return nil }
            usage.events = .init(high: high, max: max, oom: oom, oomKill: kill)
        }
        if flags.contains(.io) {
            guard let read = body.integer(UInt64.self), let written = body.integer(UInt64.self) else { return nil }
            usage.io = .init(read: read, written: written)
        }
        guard stall(flags.contains(.memoryStall), &body, into: &usage.memoryStall),
            stall(flags.contains(.cpuStall), &body, into: &usage.cpuStall),
            stall(flags.contains(.ioStall), &body, into: &usage.ioStall),
            number(flags.contains(.throttled), &body, into: &usage.throttled)
        else { return nil }
        return usage
    }

    static func processSamples(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let reason = try sampleReason(&body, of: .processSamples), let hasScope = body.integer(UInt32.self),
            let scope = body.integer(UInt64.self), let unlisted = body.integer(UInt32.self),
            let unvisited = body.integer(UInt32.self), let unlistedKiB = body.integer(UInt64.self),
            let count = body.integer(UInt32.self)
        else { return nil }
        var samples = ProcessSamples(
            reason: reason, scope: hasScope == 1 ? CgroupID(rawValue: scope) : nil, entries: [], unlisted: unlisted,
            unlistedKiB: unlistedKiB, unvisited: unvisited)
        for _ in 0..<count {
            guard let usage = processUsage(&body) else { return nil }
            samples.entries.append(usage)
        }
        return .processSamples(samples)
    }

    private static func processUsage(_ body: inout ByteReader) -> ProcessUsage? {
        guard let pid = body.integer(Int32.self), let start = body.integer(UInt64.self),
            let anonymous = body.integer(UInt32.self), let file = body.integer(UInt32.self),
            let shared = body.integer(UInt32.self), let swap = body.integer(UInt32.self),
            let tables = body.integer(UInt32.self), let cpu = body.integer(UInt64.self),
            let adjustment = body.integer(Int16.self), let flags = body.integer(UInt16.self)
        else { return nil }
        var usage = ProcessUsage(
            process: ProcessKey(pid: pid, start: BootTime(nanoseconds: start)), anonymousKiB: anonymous, fileKiB: file,
            sharedKiB: shared, swapKiB: swap, pageTableKiB: tables, cpu: cpu, oomScoreAdjustment: adjustment,
            isInScope: flags & 1 != 0)
        guard flags & 2 != 0 else { return usage }
        usage.waited = body.integer(UInt32.self)
        return usage.waited == nil ? nil : usage
    }

    static func processHoldings(_ body: inout ByteReader) -> Event.Body? {
        guard let omitted = body.integer(UInt32.self), let count = body.integer(UInt32.self) else { return nil }
        var holdings = ProcessHoldings(entries: [], omitted: omitted)
        for _ in 0..<count {
            guard let holding = processHolding(&body) else { return nil }
            holdings.entries.append(holding)
        }
        return .processHoldings(holdings)
    }

    private static func processHolding(_ body: inout ByteReader) -> ProcessHolding? {
        guard let pid = body.integer(Int32.self), let start = body.integer(UInt64.self),
            let resident = body.integer(UInt64.self), let swap = body.integer(UInt64.self),
            let open = body.integer(UInt32.self), let sockets = body.integer(UInt32.self),
            let pipes = body.integer(UInt32.self), let files = body.integer(UInt32.self),
            let deleted = body.integer(UInt32.self), let flags = body.integer(UInt32.self)
        else { return nil }
        return ProcessHolding(
            process: ProcessKey(pid: pid, start: BootTime(nanoseconds: start)), residentKiB: resident, swapKiB: swap,
            descriptors: OpenDescriptors(
                count: open, sockets: sockets, pipes: pipes, files: files, deletedFiles: deleted, isCut: flags & 1 != 0)
        )
    }
}
