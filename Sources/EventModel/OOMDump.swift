/// What processes held when the kernel's OOM killer chose a victim, as the kernel wrote it into its log right before the
/// kill (`vm.oom_dump_tasks`; `dump_tasks` in mm/oom_kill.c): everybody who could have been chosen, which pid 1 and kernel
/// threads cannot. It names processes by their pids alone.
public struct OOMDump: Hashable, Sendable {
    /// Whom the log then says to be killed; a process, also where the log names a thread of it.
    public var victimPID: Int32
    public var scope: Scope
    /// From the first line to the one that names the victim. A pid that changed hands within may mean either.
    public var took: Interval
    /// Resident memory is told by kind (Linux 6.8 and later). Where it is not, all of it stands in `fileKiB`: it may be
    /// what can be had back.
    public var hasKinds: Bool
    /// The largest first; at most `ProcessSamples.capacity`.
    public var entries: [Entry]
    /// Processes that are not listed here, and what they hold in KiB.
    public var unlisted: UInt32
    public var unlistedKiB: UInt64

    /// What ran out, and so who is listed.
    public enum Scope: Hashable, Sendable {
        /// The machine: all processes.
        case global
        /// A memory cgroup's limit: what is in it or below. The last component of its path; empty for the root.
        case cgroup(name: String)
    }

    /// One process. Sizes in KiB.
    public struct Entry: Hashable, Sendable {
        /// Process id (not thread id) in the initial pid namespace.
        public var pid: Int32
        public var anonymousKiB: UInt32
        public var fileKiB: UInt32
        public var sharedKiB: UInt32
        public var swapKiB: UInt32
        public var pageTableKiB: UInt32
        public var oomScoreAdjustment: Int16

        public init(
            pid: Int32, anonymousKiB: UInt32 = 0, fileKiB: UInt32 = 0, sharedKiB: UInt32 = 0, swapKiB: UInt32 = 0,
            pageTableKiB: UInt32 = 0, oomScoreAdjustment: Int16 = 0
        ) {
            self.pid = pid
            self.anonymousKiB = anonymousKiB
            self.fileKiB = fileKiB
            self.sharedKiB = sharedKiB
            self.swapKiB = swapKiB
            self.pageTableKiB = pageTableKiB
            self.oomScoreAdjustment = oomScoreAdjustment
        }

        /// Resident or swapped out, without what belongs to files.
        public var heldKiB: UInt64 { UInt64(anonymousKiB) + UInt64(sharedKiB) + UInt64(swapKiB) }
    }

    public init(
        victimPID: Int32, scope: Scope, took: Interval, hasKinds: Bool = true, entries: [Entry], unlisted: UInt32 = 0,
        unlistedKiB: UInt64 = 0
    ) {
        self.victimPID = victimPID
        self.scope = scope
        self.took = took
        self.hasKinds = hasKinds
        self.entries = entries
        self.unlisted = unlisted
        self.unlistedKiB = unlistedKiB
    }
}
