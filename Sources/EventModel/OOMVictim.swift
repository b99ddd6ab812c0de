/// A process chosen by the kernel's OOM killer (tracepoint oom:mark_victim). Sizes in KiB; 0 on kernels before 6.8, which
/// tell no more than a number.
public struct OOMVictim: Hashable, Sendable {
    public var victim: ProcessKey
    public var cgroup: CgroupID
    public var uid: UInt32
    public var totalVMKiB: UInt64
    public var anonymousKiB: UInt64
    public var fileKiB: UInt64
    public var sharedKiB: UInt64
    public var swapKiB: UInt64
    public var pageTableKiB: UInt64
    public var oomScoreAdjustment: Int32
    public var scope: Scope

    /// What ran out.
    public enum Scope: Hashable, Sendable {
        /// Recordings of earlier versions, and kernels that do not show it.
        case unknown
        /// The machine: no limit on the way up from the victim was reached.
        case global
        indirect case cgroup(Limit)

        public var limit: Limit? { if case .cgroup(let limit) = self { limit } else { nil } }
        /// Of the limit that was reached; nil for the machine, and where it is not known.
        public var cgroup: CgroupID? { limit?.cgroup }
    }

    /// The limit of a memory cgroup that was reached, and how it stood there.
    public struct Limit: Hashable, Sendable {
        /// In the hierarchy of the memory controller, which on version 1 is not systemd's.
        public var cgroup: CgroupID
        /// Last component of its path; empty for the root of what can be seen.
        public var name: String
        public var limitKiB: UInt64
        /// What was charged to it.
        public var usageKiB: UInt64
        /// How often nothing could be reclaimed there, this time included.
        public var ooms: UInt64

        public init(cgroup: CgroupID, name: String, limitKiB: UInt64, usageKiB: UInt64, ooms: UInt64) {
            self.cgroup = cgroup
            self.name = name
            self.limitKiB = limitKiB
            self.usageKiB = usageKiB
            self.ooms = ooms
        }
    }

    public init(
        victim: ProcessKey, cgroup: CgroupID = .unknown, uid: UInt32 = 0, totalVMKiB: UInt64 = 0,
        anonymousKiB: UInt64 = 0, fileKiB: UInt64 = 0, sharedKiB: UInt64 = 0, swapKiB: UInt64 = 0,
        pageTableKiB: UInt64 = 0, oomScoreAdjustment: Int32 = 0, scope: Scope = .unknown
    ) {
        self.victim = victim
        self.cgroup = cgroup
        self.uid = uid
        self.totalVMKiB = totalVMKiB
        self.anonymousKiB = anonymousKiB
        self.fileKiB = fileKiB
        self.sharedKiB = sharedKiB
        self.swapKiB = swapKiB
        self.pageTableKiB = pageTableKiB
        self.oomScoreAdjustment = oomScoreAdjustment
        self.scope = scope
    }

    /// What its going gives back.
    public var residentKiB: UInt64 { anonymousKiB &+ fileKiB &+ sharedKiB }
}
