import EventModel
import ProcFS

/// The cgroups of units, which of them have changed since they were last told of, and what they hold.
struct UnitCgroups {
    private var units: [UnitCgroup] = []
    private var isComplete = true
    private var listedAt: BootTime?
    private var told: [CgroupID: CgroupUsage] = [:]
    private var isChanged = false
    /// The list was read anew at the last sample.
    private(set) var didRefresh = false
    /// At the last sample one of them had been throttled for its memory, or had run into its limit, since the one before.
    private(set) var didReachLimit = false

    private static let most = CgroupSamples.capacity
    private static let listPeriod = Interval.seconds(10)
    /// Where some came or went meanwhile: a unit that has just started is looked at from its start on.
    private static let changedPeriod = Interval.milliseconds(500)
    /// Less than this is no change: 1 MiB, 10 ms of CPU time, 50 ms of waiting for it.
    private static let (leastBytes, leastCPU): (UInt64, UInt64) = (1 << 20, 10_000)
    private static let leastStall: UInt64 = 50_000

    mutating func sample(
        _ hierarchy: CgroupHierarchy?, _ controllers: CgroupControllers, isFull: Bool, isShort: Bool, at now: BootTime
    ) -> (entries: [CgroupUsage], omitted: UInt32) {
        (didRefresh, didReachLimit) = (false, false)
        let period = isChanged ? Self.changedPeriod : Self.listPeriod
        if let hierarchy, listedAt.map({ $0 + period <= now }) ?? true { refresh(hierarchy, at: now) }
        var entries: [CgroupUsage] = []
        for unit in units {
            let usage = controllers.usage(of: unit.path, id: unit.id, isFull: isFull)
            // Another one has taken its place, which is not in the list yet.
            guard !isOfAnother(usage) else {
                isChanged = true
                continue
            }
            // Where the machine is short, that one has not waited is news as well.
            guard isShort || hasChanged(usage) else { continue }
            if Self.reachedLimit(usage.events, since: told[unit.id]?.events) { didReachLimit = true }
            told[unit.id] = usage
            entries.append(usage)
        }
        return (entries, isComplete ? 0 : 1)
    }

    /// One of those that may be a unit's was made or removed.
    mutating func noticed(_ change: CgroupChange) {
        switch change {
        case .made(_, _, let name): isChanged = isChanged || CgroupHierarchy.mayBeUnit(name)
        case .removed(let id): isChanged = isChanged || told[id] != nil
        case .moved: break
        }
    }

    private mutating func refresh(_ hierarchy: CgroupHierarchy, at now: BootTime) {
        (units, isComplete) = hierarchy.unitCgroups(limit: Self.most)
        listedAt = now
        isChanged = false
        didRefresh = true
        let known = Set(units.map(\.id))
        told = told.filter { known.contains($0.key) }
    }

    /// CPU time only grows.
    private func isOfAnother(_ usage: CgroupUsage) -> Bool {
        guard let before = told[usage.cgroup]?.cpu, let now = usage.cpu else { return false }
        return now < before
    }

    private func hasChanged(_ usage: CgroupUsage) -> Bool {
        guard let old = told[usage.cgroup] else { return true }
        if old.events != usage.events || old.limit != usage.limit { return true }
        // Who waits for CPU time uses none.
        if Self.distance(old.cpuStall?.someTotal, usage.cpuStall?.someTotal) >= Self.leastStall, usage.cpuStall != nil {
            return true
        }
        return Self.distance(old.memory, usage.memory) >= Self.leastBytes
            || Self.distance(old.cpu, usage.cpu) >= Self.leastCPU
    }

    static func reachedLimit(_ now: CgroupUsage.Events?, since before: CgroupUsage.Events?) -> Bool {
        guard let now, let before else { return false }
        return now.high > before.high || now.max > before.max
    }

    private static func distance(_ a: UInt64?, _ b: UInt64?) -> UInt64 {
        guard let a, let b else { return a == b ? 0 : .max }
        return a > b ? a - b : b - a
    }

    /// Files whose change tells that a limit was reached.
    func eventFiles(_ controllers: CgroupControllers) -> [String] {
        units.compactMap { controllers.memoryEvents(of: $0.path) }
    }

    func unit(ofEvents file: String, _ controllers: CgroupControllers) -> UnitCgroup? {
        units.first { controllers.memoryEvents(of: $0.path) == file }
    }
}
