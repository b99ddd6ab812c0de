/// What the cgroups of units held and used at one moment, by their own files. Version 1's controllers count as well, where
/// the unit has a directory of the same path in their hierarchy.
public struct CgroupSamples: Hashable, Sendable {
    public var reason: SampleReason
    public var entries: [CgroupUsage]
    /// Cgroups of units that were not read, for want of time or room.
    public var omitted: UInt32

    /// Most entries of one record.
    public static let capacity = 1024

    public init(reason: SampleReason, entries: [CgroupUsage], omitted: UInt32 = 0) {
        self.reason = reason
        self.entries = entries
        self.omitted = omitted
    }
}

/// One cgroup. Every figure is nil where its controller is not there.
public struct CgroupUsage: Hashable, Sendable {
    /// In the hierarchy that systemd uses.
    public var cgroup: CgroupID
    /// memory.current, memory.usage_in_bytes: page cache and kernel memory included. In bytes.
    public var memory: UInt64?
    /// memory.max, memory.limit_in_bytes, in bytes; nil for no limit.
    public var limit: UInt64?
    public var events: Events?
    /// CPU time since it was made, in microseconds.
    public var cpu: UInt64?
    /// How long it was kept from running by its own quota (cpu.max, CPUQuota=), since it was made, in microseconds, the
    /// time of all CPUs together; version 2 alone.
    public var throttled: UInt64?
    /// Bytes read and written since it was made.
    public var io: IO?
    /// memory.pressure, cpu.pressure, io.pressure; version 2 alone.
    public var memoryStall: Stall?
    public var cpuStall: Stall?
    public var ioStall: Stall?

    /// memory.events, with what happened below it.
    public struct Events: Hashable, Sendable {
        /// It was throttled at memory.high.
        public var high: UInt64
        /// It ran into its limit (version 1: failcnt).
        public var max: UInt64
        /// Nothing could be reclaimed there (version 1: not told, 0).
        public var oom: UInt64
        /// Processes of it that the OOM killer ended.
        public var oomKill: UInt64

        public init(high: UInt64, max: UInt64, oom: UInt64, oomKill: UInt64) {
            self.high = high
            self.max = max
            self.oom = oom
            self.oomKill = oomKill
        }
    }

    public struct IO: Hashable, Sendable {
        public var read: UInt64
        public var written: UInt64

        public init(read: UInt64, written: UInt64) {
            self.read = read
            self.written = written
        }
    }

    public init(
        cgroup: CgroupID, memory: UInt64? = nil, limit: UInt64? = nil, events: Events? = nil, cpu: UInt64? = nil,
        throttled: UInt64? = nil, io: IO? = nil, memoryStall: Stall? = nil, cpuStall: Stall? = nil,
        ioStall: Stall? = nil
    ) {
        self.cgroup = cgroup
        self.memory = memory
        self.limit = limit
        self.events = events
        self.cpu = cpu
        self.throttled = throttled
        self.io = io
        self.memoryStall = memoryStall
        self.cpuStall = cpuStall
        self.ioStall = ioStall
    }
}
