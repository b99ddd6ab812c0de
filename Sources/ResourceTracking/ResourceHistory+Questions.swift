public import EventModel

extension ResourceHistory {
    /// The table that was taken for a kill at that moment: the first after it, within `patience`.
    public func table(forKillAt time: BootTime, within patience: Interval) -> KillTable? {
        tables.first { $0.at >= time && $0.at <= time + patience }
    }

    /// What the trees held at the latest moment up to `time`, not more than `patience` before it.
    public func moment(before time: BootTime, within patience: Interval) -> TreeMoment? {
        moments.last { $0.at <= time && $0.at + patience >= time }
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

    /// How the machine stood at the latest moment up to `time`, or else at the first after it.
    public func host(at time: BootTime) -> HostMoment? {
        hosts.last { $0.at <= time } ?? hosts.first
    }
}
