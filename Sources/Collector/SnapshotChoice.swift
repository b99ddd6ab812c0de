import EventModel

/// Whom to look at while memory is short: those in the cgroups that ran into their limits, those that the OOM killer would
/// take first, and the largest of each of the largest trees.
enum SnapshotChoice {
    /// Most of one round, and of those in cgroups at their limits.
    static let most = 16
    static let mostReached = 4
    /// A machine has no more memory than this (an exbibyte), or the figure is damaged.
    private static let mostKiB: UInt64 = 1 << 50

    /// `usages` are those of the last sample, `trees` the largest of each tree, `reached` who is in such a cgroup; `key` says
    /// who of them has a pid that was not sampled. The foremost first.
    static func choose(
        _ usages: [ProcessUsage], trees: [ProcessKey] = [], reached: [Int32] = [], machineKiB: UInt64 = 0,
        key: (Int32) -> ProcessKey? = { _ in nil }
    ) -> [ProcessKey] {
        let likeliest = likeliest(usages, machineKiB)
        let sampled = Set(usages.map(\.process.pid))
        let inside = Set(reached)
        var chosen: [ProcessKey] = []
        var known: Set<Int32> = []
        func add(_ process: ProcessKey) {
            if chosen.count < most, known.insert(process.pid).inserted { chosen.append(process) }
        }
        for process in likeliest.filter({ inside.contains($0.pid) }).prefix(mostReached) { add(process) }
        for pid in reached where chosen.count < mostReached && !sampled.contains(pid) {
            if let process = key(pid) { add(process) }
        }
        for index in 0..<max(likeliest.count, trees.count) where chosen.count < most {
            if index < likeliest.count { add(likeliest[index]) }
            if index < trees.count { add(trees[index]) }
        }
        return chosen
    }

    /// As the kernel weighs them (oom_badness): what each holds, and a thousandth of what there is for each step of its
    /// oom_score_adj. At -1000 it takes nobody.
    private static func likeliest(_ usages: [ProcessUsage], _ machineKiB: UInt64) -> [ProcessKey] {
        let step = Int64(clamping: min(machineKiB, mostKiB) / 1000)
        let scores = usages.filter { $0.oomScoreAdjustment > -1000 }.map { usage in
            let adjustment = Int64(min(max(usage.oomScoreAdjustment, -1000), 1000))
            return (process: usage.process, score: Int64(clamping: usage.badnessKiB) + adjustment * step)
        }
        return scores.sorted { ($0.score, $0.process.pid) > ($1.score, $1.process.pid) }.map(\.process)
    }
}
