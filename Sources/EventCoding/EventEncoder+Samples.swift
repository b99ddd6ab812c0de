internal import EventModel

// How much of what was there and used; the format is in RecordType.swift.
extension EventEncoder {
    static func append(_ sample: HostSample, of event: Event, to bytes: inout [UInt8]) {
        open(.hostSample, of: event, in: &bytes)
        append(integer: UInt32(sample.reason.rawValue), to: &bytes)
        var flags: HostSampleFlags = []
        if sample.cpu != nil { flags.insert(.cpu) }
        if sample.memory != nil { flags.insert(.memory) }
        if sample.io != nil { flags.insert(.io) }
        if sample.amounts != nil { flags.insert(.amounts) }
        if sample.cpus != nil { flags.insert(.cpus) }
        append(integer: flags.rawValue, to: &bytes)
        for stall in [sample.cpu, sample.memory, sample.io] { append(stall, to: &bytes) }
        if let amounts = sample.amounts {
            for amount in [amounts.total, amounts.available, amounts.swapTotal, amounts.swapFree] {
                append(integer: amount, to: &bytes)
            }
        }
        if let cpus = sample.cpus { append(integer: cpus, to: &bytes) }
    }

    private static func append(_ stall: Stall?, to bytes: inout [UInt8]) {
        guard let stall else { return }
        append(integer: stall.some10, to: &bytes)
        append(integer: stall.full10, to: &bytes)
        append(integer: stall.someTotal, to: &bytes)
        append(integer: stall.fullTotal, to: &bytes)
    }

    static func append(_ samples: CgroupSamples, of event: Event, to bytes: inout [UInt8]) {
        open(.cgroupSamples, of: event, in: &bytes)
        let entries = samples.entries.prefix(CgroupSamples.capacity)
        append(integer: UInt32(samples.reason.rawValue), to: &bytes)
        append(integer: samples.omitted, to: &bytes)
        append(integer: UInt32(clamping: entries.count), to: &bytes)
        for entry in entries { append(entry, to: &bytes) }
    }

    private static func append(_ usage: CgroupUsage, to bytes: inout [UInt8]) {
        append(integer: usage.cgroup.rawValue, to: &bytes)
        append(integer: flags(of: usage).rawValue, to: &bytes)
        for amount in [usage.memory, usage.limit, usage.cpu] {
            if let amount { append(integer: amount, to: &bytes) }
        }
        if let events = usage.events {
            for count in [events.high, events.max, events.oom, events.oomKill] { append(integer: count, to: &bytes) }
        }
        if let io = usage.io {
            append(integer: io.read, to: &bytes)
            append(integer: io.written, to: &bytes)
        }
        append(usage.memoryStall, to: &bytes)
        append(usage.cpuStall, to: &bytes)
        append(usage.ioStall, to: &bytes)
        if let throttled = usage.throttled { append(integer: throttled, to: &bytes) }
    }

    private static func flags(of usage: CgroupUsage) -> CgroupUsageFlags {
        var flags: CgroupUsageFlags = []
        if usage.memory != nil { flags.insert(.memory) }
        if usage.limit != nil { flags.insert(.limit) }
        if usage.cpu != nil { flags.insert(.cpu) }
        if usage.events != nil { flags.insert(.events) }
        if usage.io != nil { flags.insert(.io) }
        if usage.memoryStall != nil { flags.insert(.memoryStall) }
        if usage.cpuStall != nil { flags.insert(.cpuStall) }
        if usage.ioStall != nil { flags.insert(.ioStall) }
        if usage.throttled != nil { flags.insert(.throttled) }
        return flags
    }

    static func append(_ samples: ProcessSamples, of event: Event, to bytes: inout [UInt8]) {
        open(.processSamples, of: event, in: &bytes)
        let entries = samples.entries.prefix(ProcessSamples.capacity)
        append(integer: UInt32(samples.reason.rawValue), to: &bytes)
        append(integer: UInt32(samples.scope == nil ? 0 : 1), to: &bytes)
        append(integer: samples.scope?.rawValue ?? 0, to: &bytes)
        append(integer: samples.unlisted, to: &bytes)
        append(integer: samples.unvisited, to: &bytes)
        append(integer: samples.unlistedKiB, to: &bytes)
        append(integer: UInt32(clamping: entries.count), to: &bytes)
        for entry in entries {
            append(integer: entry.process.pid, to: &bytes)
            append(integer: entry.process.start.nanoseconds, to: &bytes)
            for size in [entry.anonymousKiB, entry.fileKiB, entry.sharedKiB, entry.swapKiB, entry.pageTableKiB] {
                append(integer: size, to: &bytes)
            }
            append(integer: entry.cpu, to: &bytes)
            append(integer: entry.oomScoreAdjustment, to: &bytes)
            append(integer: UInt16((entry.isInScope ? 1 : 0) | (entry.waited == nil ? 0 : 2)), to: &bytes)
            if let waited = entry.waited { append(integer: waited, to: &bytes) }
        }
    }

    static func append(_ holdings: ProcessHoldings, of event: Event, to bytes: inout [UInt8]) {
        open(.processHoldings, of: event, in: &bytes)
        let entries = holdings.entries.prefix(ProcessHoldings.capacity)
        append(integer: holdings.omitted, to: &bytes)
        append(integer: UInt32(clamping: entries.count), to: &bytes)
        for entry in entries {
            append(integer: entry.process.pid, to: &bytes)
            append(integer: entry.process.start.nanoseconds, to: &bytes)
            append(integer: entry.residentKiB, to: &bytes)
            append(integer: entry.swapKiB, to: &bytes)
            let kinds = entry.descriptors
            for count in [kinds.count, kinds.sockets, kinds.pipes, kinds.files, kinds.deletedFiles] {
                append(integer: count, to: &bytes)
            }
            append(integer: UInt32(kinds.isCut ? 1 : 0), to: &bytes)
        }
    }
}
