import EventModel

/// Which processes a sample lists: those that hold much, and those that have been at work.
struct UsageSelection {
    /// CPU time that each process had used at the sample before, in microseconds, and how long it had waited for it.
    private var cpuBefore: [Int32: (start: BootTime, cpu: UInt64, waited: UInt32?)] = [:]
    private var before: BootTime?
    /// Of this many processes on, only those are remembered that have ever done something.
    private static let many = 16_384
    /// In microseconds: nobody needs to be remembered for less.
    private static let something: UInt64 = 100_000

    mutating func select(
        _ usages: [ProcessUsage], reason: SampleReason, scope: CgroupID?, unvisited: Int, at now: BootTime
    ) -> ProcessSamples {
        let limits = ProcessSamples.listing(reason)
        let since = before.map { $0.distance(to: now).nanoseconds / 1000 }
        // Part of a core since then. While something is happening a small one: the jobs of one build may be many.
        let part: UInt64 = reason == .rest ? 100 : 1000
        let (busy, starved) = (since.map { max(1, $0 / part) } ?? .max, since.map { max(1, $0 / 100) } ?? .max)
        var listed: [ProcessUsage] = []
        var samples = ProcessSamples(
            reason: reason, scope: scope, entries: [], unvisited: UInt32(clamping: unvisited))
        for usage in usages {
            if size(usage) >= limits.floorKiB || worked(usage) >= busy || waited(usage) >= starved {
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

    /// In microseconds.
    private func waited(_ usage: ProcessUsage) -> UInt64 {
        guard let known = cpuBefore[usage.process.pid], known.start == usage.process.start else {
            return before != nil && hasWaited(usage) ? .max : 0
        }
        return ProcessUsage.waited(usage.waited, since: known.waited).map { UInt64($0) * 1000 } ?? 0
    }

    private func hasWaited(_ usage: ProcessUsage) -> Bool { UInt64(usage.waited ?? 0) * 1000 > Self.something }

    private func isWorthKnowing(_ usage: ProcessUsage) -> Bool {
        usage.cpu > Self.something || hasWaited(usage)
    }

    private mutating func remember(_ usages: [ProcessUsage], at now: BootTime) {
        cpuBefore.removeAll(keepingCapacity: true)
        for usage in usages where usages.count < Self.many || isWorthKnowing(usage) {
            cpuBefore[usage.process.pid] = (usage.process.start, usage.cpu, usage.waited)
        }
        before = now
    }
}
