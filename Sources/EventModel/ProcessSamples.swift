/// What processes held and used at one moment: the largest by memory, and what the others make up.
///
/// Resident memory counts a page in each process that has it: what a family of forks shares is in the sum as often as it
/// has members.
public struct ProcessSamples: Hashable, Sendable {
    public var reason: SampleReason
    /// The cgroup of the memory controller within which the kernel looked for a victim: entries say whether they are in it.
    /// Nil where the whole machine was short, or for a sample that no kill asked for.
    public var scope: CgroupID?
    /// The largest first.
    public var entries: [ProcessUsage]
    /// Processes with memory of their own that are not listed, and what they hold in KiB.
    public var unlisted: UInt32
    public var unlistedKiB: UInt64
    /// Processes that were not looked at, for want of time; what they hold is in no figure.
    public var unvisited: UInt32

    /// Most entries of one record.
    public static let capacity = 4096

    /// Least size in KiB by which a process is listed, and most processes listed. What waited for CPU time in a hundredth
    /// of the time since the sample before, or used as much (while something is happening, a thousandth), is listed
    /// whatever its size.
    public static func listing(_ reason: SampleReason) -> (floorKiB: UInt64, most: Int) {
        switch reason {
        case .rest: (4096, 256)
        case .activity, .limit: (1024, 1024)
        case .oom: (128, capacity)
        }
    }

    /// Nothing was left out that the listing is for.
    public var isWhole: Bool { unvisited == 0 && entries.count < Self.listing(reason).most }

    public init(
        reason: SampleReason, scope: CgroupID? = nil, entries: [ProcessUsage], unlisted: UInt32 = 0,
        unlistedKiB: UInt64 = 0, unvisited: UInt32 = 0
    ) {
        self.reason = reason
        self.scope = scope
        self.entries = entries
        self.unlisted = unlisted
        self.unlistedKiB = unlistedKiB
        self.unvisited = unvisited
    }
}

/// One process. Sizes in KiB.
public struct ProcessUsage: Hashable, Sendable {
    public var process: ProcessKey
    /// Resident pages of its own, of files, and of shared memory.
    public var anonymousKiB: UInt32
    public var fileKiB: UInt32
    public var sharedKiB: UInt32
    public var swapKiB: UInt32
    public var pageTableKiB: UInt32
    /// CPU time in microseconds, that of ended children included for which it has waited.
    public var cpu: UInt64
    /// How long its living threads have been ready to run and were not let, together, in milliseconds since they began
    /// (`sched_info.run_delay` of the kernel); it wraps around, and only differences count. Nil where that is not told (/proc).
    public var waited: UInt32?
    /// -1000 to 1000; 0 where it was not read.
    public var oomScoreAdjustment: Int16
    /// It is in the cgroup that the sample's `scope` names, or below it.
    public var isInScope: Bool

    public init(
        process: ProcessKey, anonymousKiB: UInt32 = 0, fileKiB: UInt32 = 0, sharedKiB: UInt32 = 0, swapKiB: UInt32 = 0,
        pageTableKiB: UInt32 = 0, cpu: UInt64 = 0, waited: UInt32? = nil, oomScoreAdjustment: Int16 = 0,
        isInScope: Bool = false
    ) {
        self.process = process
        self.anonymousKiB = anonymousKiB
        self.fileKiB = fileKiB
        self.sharedKiB = sharedKiB
        self.swapKiB = swapKiB
        self.pageTableKiB = pageTableKiB
        self.cpu = cpu
        self.waited = waited
        self.oomScoreAdjustment = oomScoreAdjustment
        self.isInScope = isInScope
    }

    /// How much longer than at an earlier sample the process has waited, in milliseconds; nil where one of the two does not
    /// tell. A thread that ended takes its time along: then it is 0.
    public static func waited(_ now: UInt32?, since before: UInt32?) -> UInt32? {
        guard let now, let before else { return nil }
        return UInt32(max(0, Int32(bitPattern: now &- before)))
    }

    /// What the OOM killer weighs: everything resident, swap and page tables.
    public var badnessKiB: UInt64 {
        UInt64(anonymousKiB) + UInt64(fileKiB) + UInt64(sharedKiB) + UInt64(swapKiB) + UInt64(pageTableKiB)
    }

    /// Resident or swapped out, without what belongs to files: that can be had back by itself.
    public var heldKiB: UInt64 { UInt64(anonymousKiB) + UInt64(sharedKiB) + UInt64(swapKiB) }
}
