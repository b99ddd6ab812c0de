import EventModel
import ProcessTracking
import ResourceTracking

/// Where a daemon that ends processes found too little memory.
enum KillerScope: Hashable {
    /// `doubt`: why that is not certain, if it is not.
    case machine(doubt: String?)
    /// By its path.
    case cgroup(String, doubt: String)
    /// It was short in both, and the daemon may act on either.
    case either(cgroup: String)

    var cgroup: String? {
        if case .cgroup(let path, _) = self { return path }
        return nil
    }

    var doubts: [String] {
        switch self {
        case .machine(let doubt): [doubt].compactMap { $0 }
        case .cgroup(_, let doubt): [doubt]
        case .either: [Self.silence]
        }
    }
}

extension KillerScope {
    private static let silence = "the killer may act on cgroups, and did not say on which"
    /// Where processes hold less of a limit than this it is not short: the rest may be files and the kernel's.
    private static let leastOfLimit = 0.5
    /// From this on a limit is short, and the machine may be, whatever else is.
    private static let short = 0.8

    /// Of one that acts on cgroups and does not say on which: the machine, or the cgroup around the victim of whose limit
    /// more was used. `held` is what processes held then.
    init(around victim: ProcessKey, _ held: [ProcessUsage], at time: BootTime, _ disruption: DisruptionCase) {
        let machine = disruption.resources.usedShare(at: time)
        let fullest = disruption.limits(around: victim, at: time).map { limit in
            let inside = held.filter { disruption.isIn(limit.path, $0.process) }
            let sum: UInt64 = inside.reduce(0) { $0 + $1.heldKiB }
            return (share: Double(sum) / Double(limit.kib), path: limit.path)
        }.max { ($0.share, $0.path) < ($1.share, $1.path) }
        guard let fullest,
            fullest.share >= Self.short || (fullest.share >= Self.leastOfLimit && fullest.share > machine ?? 0)
        else {
            self = .machine(doubt: Self.silence)
            return
        }
        let isMachineShort = machine.map { $0 >= Self.short } ?? true
        self =
            isMachineShort
            ? .either(cgroup: fullest.path)
            : .cgroup(fullest.path, doubt: "\(Self.silence); that one was near its limit, and the machine had room")
    }
}

extension DisruptionCase {
    /// Whether the process is in the cgroup of that path, or below it.
    func isIn(_ path: String, _ process: ProcessKey) -> Bool {
        guard path != "/" else { return true }
        guard let own = table[process].flatMap({ cgroups.path(of: $0.cgroup) }) else { return false }
        return own == path || own.hasPrefix(path + "/")
    }

    /// The cgroups that the process was in which had a limit of memory then, by their paths, and their limits in KiB.
    fileprivate func limits(around process: ProcessKey, at time: BootTime) -> [(path: String, kib: UInt64)] {
        resources.cgroups.compactMap { id, track in
            let moment = track.moments.last { $0.at <= time } ?? track.moments.first
            guard let limit = moment?.usage.limit, limit >= 1024, let path = cgroups.path(of: id), isIn(path, process)
            else { return nil }
            return (path, limit / 1024)
        }
    }
}

extension ResourceHistory {
    /// Of the machine's memory and swap, what could not be had any more, 0...1; nil where no sample tells.
    fileprivate func usedShare(at time: BootTime) -> Double? {
        guard let used = used(at: time), let amounts = host(at: time)?.sample.amounts else { return nil }
        let all = Double(amounts.total) + Double(amounts.swapTotal)
        return all > 0 ? Double(used) / all : nil
    }
}
