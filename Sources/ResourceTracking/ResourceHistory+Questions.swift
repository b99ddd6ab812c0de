public import EventModel

extension ResourceHistory {
    /// The table that was taken for a kill at that moment in that cgroup: the first after it, within `patience`. Where the
    /// kernel's programs did not take one in time, what the kernel's log lists; never both.
    public func table(forKillAt time: BootTime, scope: CgroupID?, within patience: Interval) -> KillTable? {
        let taken = tables.first { $0.at >= time && $0.at <= time + patience && $0.samples.scope == scope }
        if let taken, taken.source == .bpf { return taken }
        return dump(forKillAt: time, scope: scope) ?? taken
    }

    /// What the trees held at the latest moment up to `time`, not more than `patience` before it.
    public func moment(before time: BootTime, within patience: Interval) -> TreeMoment? {
        moments.last { $0.at <= time && $0.at + patience >= time }
    }

    /// The largest process of each of the largest trees, at the latest moment.
    public var largestOfTrees: [ProcessKey] { moments.last?.trees.prefix(Self.foremostTrees).map(\.largest) ?? [] }

    private static let foremostTrees = 8

    /// The later of the moments from which growth up to `time` is counted.
    public func baseline(for time: BootTime, least: Interval) -> TreeMoment? {
        baselines(for: time, least: least).first
    }

    /// The moments from which growth up to `time` is counted, the later first: the latest that is at least `least` before
    /// it, and the first of all, where trees had been looked at without gaps.
    public func baselines(for time: BootTime, least: Interval) -> [TreeMoment] {
        let full = moments.filter { $0.at + least <= time && $0.unvisited == 0 }
        return full.count > 1 ? [full[full.count - 1], full[0]] : full
    }

    /// CPU time that each tree used between two moments, in microseconds; nil where no sample tells. Where samples are far
    /// apart, the first one after `end` is among those that tell.
    public func cpu(from start: BootTime, to end: BootTime) -> [TreeKey: UInt64]? {
        var within = moments.filter { $0.at > start && $0.at <= end }
        let isUntold = within.last.map { $0.at + Self.mostUntold < end } ?? true
        if isUntold, let next = moments.first(where: { $0.at > end }) { within.append(next) }
        guard !within.isEmpty else { return nil }
        var sums: [TreeKey: UInt64] = [:]
        for tree in within.flatMap(\.trees) where tree.cpu > 0 { sums[tree.tree, default: 0] &+= tree.cpu }
        return sums
    }

    /// CPU time that a tree used between two moments, in cores; nil where samples do not lie in most of that time.
    public func cores(of tree: TreeKey, from start: BootTime, to end: BootTime) -> Double? {
        let within = moments.indices.dropFirst().filter { moments[$0].at > start && moments[$0].at <= end }
        let covered = within.reduce(0) { $0 &+ moments[$1 - 1].at.distance(to: moments[$1].at).nanoseconds }
        guard covered > 0, covered >= start.distance(to: end).nanoseconds / 2 else { return nil }
        let used = within.reduce(0) { $0 &+ (moments[$1][tree]?.cpu ?? 0) }
        return min(Self.most, Double(used) * 1000 / Double(covered))
    }

    /// Share of time in which a service's process was ready to run and was not let, between two moments: of all its threads
    /// together, which may be more than 1. Nil where that was not told through most of that time.
    public func waited(_ process: ProcessKey, from start: BootTime, to end: BootTime) -> Double? {
        var (covered, waited): (UInt64, UInt64) = (0, 0)
        for index in moments.indices.dropFirst() where moments[index].at > start && moments[index].at <= end {
            guard let waits = moments[index].waits else { continue }
            covered &+= moments[index - 1].at.distance(to: moments[index].at).nanoseconds
            waited += UInt64(waits[process] ?? 0)
        }
        guard covered > 0, covered >= start.distance(to: end).nanoseconds / 2 else { return nil }
        return min(Self.most, Double(waited) * 1_000_000 / Double(covered))
    }

    /// Share of time in which some task waited for the resource between two moments, 0...1; nil where no two samples
    /// enclose or lie in it.
    public func stalled(_ resource: KeyPath<HostSample, Stall?>, from start: BootTime, to end: BootTime) -> Double? {
        guard let first = hosts.last(where: { $0.at <= start }) ?? hosts.first(where: { $0.at <= end }),
            let last = hosts.first(where: { $0.at >= end }) ?? hosts.last, last.at > first.at,
            let before = first.sample[keyPath: resource], let after = last.sample[keyPath: resource]
        else { return nil }
        let waited = after.someTotal >= before.someTotal ? after.someTotal - before.someTotal : 0
        let length = Double(first.at.distance(to: last.at).nanoseconds) / 1000
        return min(1, Double(waited) / length)
    }

    /// Share of time in which some task of the cgroup waited for the resource between two moments, 0...1: as little
    /// and as much as may be, since the kernel brings its sums up to date every 2 s (kernel/sched/psi.c, PSI_FREQ).
    /// Nil where it was not looked at through most of that time.
    public func stalled(
        _ cgroup: CgroupID, for resource: CgroupResource, from start: BootTime, to end: BootTime
    ) -> ClosedRange<Double>? {
        let all = (cgroups[cgroup]?.waits ?? []).compactMap { wait in
            wait[keyPath: resource.total].map { (at: wait.at, total: $0) }
        }
        let within = all.filter { $0.at >= start && $0.at <= end + .milliseconds(300) }
        guard start < end, let first = within.first, let last = within.last, last.total >= first.total,
            first.at.distance(to: last.at).nanoseconds >= start.distance(to: end).nanoseconds / 2
        else { return nil }
        let before = all.last { $0.at <= start } ?? first
        let after = all.first { $0.at >= end + Self.sumsLag } ?? all.last ?? last
        let length = start.distance(to: end).nanoseconds / 1000
        let lag = Self.sumsLag.nanoseconds / 1000
        let least = last.total - first.total
        let most = after.total >= before.total ? after.total - before.total : 0
        let range = (least > lag ? least - lag : 0, max(most, least))
        return min(1, Double(range.0) / Double(length))...min(1, Double(range.1) / Double(length))
    }

    /// Share of time by which its own quota kept a cgroup from running, on all CPUs together, between two moments: 0...; nil
    /// where that was not told.
    public func throttled(_ cgroup: CgroupID, from start: BootTime, to end: BootTime) -> Double? {
        let within = (cgroups[cgroup]?.waits ?? []).filter { $0.at >= start && $0.at <= end + .milliseconds(300) }
        guard let first = within.first, let last = within.last, first.at < last.at, let before = first.throttled,
            first.at.distance(to: last.at).nanoseconds >= start.distance(to: end).nanoseconds / 2,
            let after = last.throttled, after >= before
        else { return nil }
        return min(Self.most, Double(after - before) * 1000 / Double(first.at.distance(to: last.at).nanoseconds))
    }

    /// No machine has more CPUs: a file may say anything.
    private static let most = 1e6

    private static let sumsLag = Interval.seconds(2)
    /// What was used in so long a time beyond the last sample may go untold.
    private static let mostUntold = Interval.seconds(2)

    /// How the machine stood at the latest moment up to `time`, or else at the first after it.
    public func host(at time: BootTime) -> HostMoment? {
        hosts.last { $0.at <= time } ?? hosts.first
    }
}

/// What a cgroup's tasks may wait for, as its own pressure files tell (version 2).
public enum CgroupResource: Hashable, Sendable {
    case cpu, memory, io

    var total: KeyPath<CgroupTrack.Waited, UInt64?> {
        switch self {
        case .cpu: \.cpu
        case .memory: \.memory
        case .io: \.io
        }
    }
}
