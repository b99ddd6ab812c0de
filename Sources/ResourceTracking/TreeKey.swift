public import EventModel
public import ProcessTracking
import UnitTracking

/// Whom memory and CPU time are counted for.
public enum TreeKey: Hashable, Sendable {
    /// An agent's tree, by its tag in the process table; orphans and what its agents started are counted where they are.
    case agent(Int32)
    /// What runs in a unit's cgroup and in no agent's tree: a service, a login session.
    case unit(UnitID)
    /// What runs in a cgroup that is no unit's; the unknown one holds all of which nothing is known.
    case cgroup(CgroupID)

    public static func of(_ process: TrackedProcess?, _ cgroups: CgroupTree) -> TreeKey {
        guard let process else { return .cgroup(.unknown) }
        if process.tag != 0 { return .agent(process.tag) }
        return cgroups.unitID(of: process.cgroup).map { .unit($0) } ?? .cgroup(process.cgroup)
    }
}

/// What one tree held and used at one moment. Sizes in KiB.
public struct TreeUsage: Hashable, Sendable {
    public var tree: TreeKey
    /// Pages of its own and swap of all its listed processes, and of what they share among each other the largest part.
    public var heldKiB: UInt64
    /// The same of its largest process alone: so much it holds at least, whatever its processes share.
    public var largestKiB: UInt64
    public var largest: ProcessKey
    /// Processes that were listed.
    public var processes: Int
    /// CPU time since the sample before, in microseconds.
    public var cpu: UInt64
}

extension TreeUsage {
    /// Adds up by tree; the largest first. `key` says where each belongs, nil to leave it out.
    public static func sums(_ entries: [ProcessUsage], _ key: (ProcessUsage) -> TreeKey?) -> [TreeUsage] {
        var sums: [TreeKey: Sum] = [:]
        for entry in entries {
            guard let tree = key(entry) else { continue }
            sums[tree, default: Sum(largest: entry.process)].add(entry)
        }
        return sums.map { $1.usage(of: $0) }.sorted {
            ($0.heldKiB, $0.largest.start.nanoseconds, $0.largest.pid)
                > ($1.heldKiB, $1.largest.start.nanoseconds, $1.largest.pid)
        }
    }

    private struct Sum {
        var own: UInt64 = 0
        var shared: UInt64 = 0
        var largest: ProcessKey
        var largestKiB: UInt64 = 0
        var processes = 0

        mutating func add(_ entry: ProcessUsage) {
            own += UInt64(entry.anonymousKiB) + UInt64(entry.swapKiB)
            shared = max(shared, UInt64(entry.sharedKiB))
            if processes == 0 || entry.heldKiB > largestKiB { (largest, largestKiB) = (entry.process, entry.heldKiB) }
            processes += 1
        }

        func usage(of tree: TreeKey) -> TreeUsage {
            TreeUsage(
                tree: tree, heldKiB: own + shared, largestKiB: largestKiB, largest: largest, processes: processes,
                cpu: 0)
        }
    }
}
