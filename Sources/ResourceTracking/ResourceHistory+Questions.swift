public import EventModel

extension ResourceHistory {
    /// The table that was taken for a kill at that moment in that cgroup: the first after it, within `patience`.
    public func table(forKillAt time: BootTime, scope: CgroupID?, within patience: Interval) -> KillTable? {
        tables.first { $0.at >= time && $0.at <= time + patience && $0.samples.scope == scope }
    }

    /// What the trees held at the latest moment up to `time`, not more than `patience` before it.
    public func moment(before time: BootTime, within patience: Interval) -> TreeMoment? {
        moments.last { $0.at <= time && $0.at + patience >= time }
    }

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

    /// CPU time that each tree used between two moments, in microseconds; nil where no sample was taken within.
    public func cpu(from start: BootTime, to end: BootTime) -> [TreeKey: UInt64]? {
        let within = moments.filter { $0.at > start && $0.at <= end }
        guard !within.isEmpty else { return nil }
        var sums: [TreeKey: UInt64] = [:]
        for tree in within.flatMap(\.trees) where tree.cpu > 0 { sums[tree.tree, default: 0] &+= tree.cpu }
        return sums
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

    /// Share of time in which some task of the cgroup waited for CPU time, or for memory, between two moments, 0...1; nil
    /// where it was not looked at about then: once within `slack` of either end.
    public func stalled(
        _ cgroup: CgroupID, for resource: CgroupResource, from start: BootTime, to end: BootTime,
        slack: Interval = .milliseconds(1500)
    ) -> Double? {
        let waits = (cgroups[cgroup]?.waits ?? []).filter { $0.at + slack >= start && $0.at <= end + slack }
        let totals = waits.compactMap { wait in
            (resource == .cpu ? wait.cpu : wait.memory).map { (wait.at, $0.someTotal) }
        }
        guard let first = totals.first, let last = totals.last, last.0 > first.0, last.1 >= first.1 else { return nil }
        return min(1, Double(last.1 - first.1) * 1000 / Double(first.0.distance(to: last.0).nanoseconds))
    }

    /// How the machine stood at the latest moment up to `time`, or else at the first after it.
    public func host(at time: BootTime) -> HostMoment? {
        hosts.last { $0.at <= time } ?? hosts.first
    }
}

/// What a cgroup's tasks may wait for, as its own pressure files tell (version 2).
public enum CgroupResource: Hashable, Sendable { case cpu, memory }
