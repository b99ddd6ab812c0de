import EventModel

/// Which processes a sample lists: those that hold much, and those that have been at work.
struct UsageSelection {
    /// CPU time that each process had used at the sample before, in microseconds.
    private var cpuBefore: [Int32: (start: BootTime, cpu: UInt64)] = [:]
    private var before: BootTime?
    /// Of this many processes on, only those are remembered that have ever done something.
    private static let many = 16_384

    /// Least size in KiB by which a process is listed, and most processes listed.
    static func limits(_ reason: SampleReason) -> (floorKiB: UInt64, most: Int) {
        switch reason {
        case .rest: (4096, 256)
        case .activity, .limit: (1024, 1024)
        case .oom: (128, ProcessSamples.capacity)
        }
    }

    mutating func select(
        _ usages: [ProcessUsage], reason: SampleReason, scope: CgroupID?, unvisited: Int, at now: BootTime
    ) -> ProcessSamples {
        let limits = Self.limits(reason)
        // Part of a core since then. While something is happening a small one: the jobs of one build may be many.
        let part: UInt64 = reason == .rest ? 100 : 1000
        let busy = before.map { max(1, $0.distance(to: now).nanoseconds / 1000 / part) } ?? .max
        var listed: [ProcessUsage] = []
        var samples = ProcessSamples(
            reason: reason, scope: scope, entries: [], unvisited: UInt32(clamping: unvisited))
        for usage in usages {
            if size(usage) >= limits.floorKiB || worked(usage) >= busy {
                listed.append(usage)
            } else {
                samples.unlisted += 1
                samples.unlistedKiB += usage.heldKiB
            }
        }
        listed.sort { (size($0), $0.process.pid) > (size($1), $1.process.pid) }
        for usage in listed.dropFirst(limits.most) {
            samples.unlisted += 1
            samples.unlistedKiB += usage.heldKiB
        }
        samples.entries = Array(listed.prefix(limits.most))
        remember(usages, at: now)
        return samples
    }

    private func size(_ usage: ProcessUsage) -> UInt64 { usage.heldKiB + UInt64(usage.fileKiB) / 4 }

    private func worked(_ usage: ProcessUsage) -> UInt64 {
        guard let known = cpuBefore[usage.process.pid], known.start == usage.process.start else { return usage.cpu }
        return usage.cpu > known.cpu ? usage.cpu - known.cpu : 0
    }

    private mutating func remember(_ usages: [ProcessUsage], at now: BootTime) {
        cpuBefore.removeAll(keepingCapacity: true)
        for usage in usages where usages.count < Self.many || usage.cpu > 100_000 {
            cpuBefore[usage.process.pid] = (usage.process.start, usage.cpu)
        }
        before = now
    }
}
