/// A process, never to be confused with a later one of the same pid: pid and start time. The boot id, the third part of
/// the identity, is the recording's, and the same for every process in it.
public struct ProcessKey: Hashable, Sendable {
    /// Process id (not thread id) in the collector's own pid namespace.
    public var pid: Int32
    /// When the process (its group leader) started. Exact to the nanosecond from the kernel, to 10 ms from `/proc`.
    public var start: BootTime

    public init(pid: Int32, start: BootTime) {
        self.pid = pid
        self.start = start
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(mixed) }

    /// Every event looks several of these up, and the standard hash of 8 bytes takes longer than the look-up itself. The
    /// seed, which is another one for each table and run, keeps keys out of a file from being made to collide.
    public func _rawHashValue(seed: Int) -> Int {
        var hash = mixed ^ UInt64(truncatingIfNeeded: seed)
        hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
        hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }

    private var mixed: UInt64 { start.nanoseconds ^ UInt64(UInt32(bitPattern: pid)) << 40 }

    /// Whether `other` is the same process as far as can be told: one of the two may be known only to the tick of `/proc`.
    /// Two starts that are both exact and differ are two processes, however close.
    public func matches(tick other: ProcessKey) -> Bool {
        guard pid == other.pid, start.ticks == other.start.ticks else { return false }
        return start == other.start || start.isWholeTick || other.start.isWholeTick
    }
}

/// Identity of a cgroup: its inode number in the hierarchy that systemd uses. 0 where it is unknown.
public struct CgroupID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let unknown = CgroupID(rawValue: 0)
}
