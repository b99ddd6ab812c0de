/// How short of memory, CPU time and I/O the whole machine was at one moment.
public struct HostSample: Hashable, Sendable {
    public var reason: SampleReason
    /// Nil where the kernel has no pressure-stall information (CONFIG_PSI, psi=0).
    public var cpu: Stall?
    public var memory: Stall?
    public var io: Stall?
    /// Nil where `/proc/meminfo` could not be read.
    public var amounts: Amounts?
    /// CPUs that are online; nil where that is not known.
    public var cpus: UInt32?

    /// `/proc/meminfo` (proc_meminfo(5)), in KiB.
    public struct Amounts: Hashable, Sendable {
        public var total: UInt64
        /// What could be had without swapping, by the kernel's estimate.
        public var available: UInt64
        public var swapTotal: UInt64
        public var swapFree: UInt64

        public init(total: UInt64, available: UInt64, swapTotal: UInt64, swapFree: UInt64) {
            self.total = total
            self.available = available
            self.swapTotal = swapTotal
            self.swapFree = swapFree
        }
    }

    public init(
        reason: SampleReason, cpu: Stall? = nil, memory: Stall? = nil, io: Stall? = nil, amounts: Amounts? = nil,
        cpus: UInt32? = nil
    ) {
        self.reason = reason
        self.cpu = cpu
        self.memory = memory
        self.io = io
        self.amounts = amounts
        self.cpus = cpus
    }
}

/// Why a sample was taken when it was.
public enum SampleReason: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing was going on: every 10 s.
    case rest = 0
    /// Something is, or has just been: every second.
    case activity = 1
    /// A limit of a cgroup was reached (memory.events).
    case limit = 2
    /// The kernel's OOM killer has just chosen a victim.
    case oom = 3

    public var name: String { String(describing: self) }
}

/// Pressure-stall information of one resource (PSI): how long tasks waited for it.
public struct Stall: Hashable, Sendable {
    /// Share of the last 10 s in which at least one task waited, in hundredths of a percent (0 to 10,000).
    public var some10: UInt32
    /// Share in which all tasks waited at once; 0 where the kernel does not tell (cpu before 5.13).
    public var full10: UInt32
    /// Microseconds since boot in which at least one task waited.
    public var someTotal: UInt64
    public var fullTotal: UInt64

    public init(some10: UInt32, full10: UInt32, someTotal: UInt64, fullTotal: UInt64) {
        self.some10 = some10
        self.full10 = full10
        self.someTotal = someTotal
        self.fullTotal = fullTotal
    }
}
