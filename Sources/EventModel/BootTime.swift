/// A moment on CLOCK_BOOTTIME, in nanoseconds since boot; the only clock by which events are ordered.
public struct BootTime: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The start-time field of `/proc/PID/stat`, in ticks of 1/100 s (USER_HZ is fixed at 100 in the kernel's ABI on x86 and Arm).
    public init(ticks: UInt64) {
        let (product, overflow) = ticks.multipliedReportingOverflow(by: Self.nanosecondsPerTick)
        nanoseconds = overflow ? .max : product
    }

    /// This moment as `/proc/PID/stat` would show it.
    public var ticks: UInt64 { nanoseconds / Self.nanosecondsPerTick }

    /// It may have been read from `/proc`: a start that the kernel told exactly ends so once in ten million.
    public var isWholeTick: Bool { nanoseconds % Self.nanosecondsPerTick == 0 }

    public static let zero = BootTime(nanoseconds: 0)
    public static let nanosecondsPerTick: UInt64 = 10_000_000

    public static func < (a: BootTime, b: BootTime) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Later by `interval`; stops at the end of time.
    public static func + (a: BootTime, interval: Interval) -> BootTime {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        return BootTime(nanoseconds: overflow ? .max : sum)
    }

    /// Earlier by `interval`; stops at boot.
    public static func - (a: BootTime, interval: Interval) -> BootTime {
        BootTime(nanoseconds: a.nanoseconds > interval.nanoseconds ? a.nanoseconds - interval.nanoseconds : 0)
    }

    /// The distance between two moments, whichever is earlier.
    public func distance(to other: BootTime) -> Interval {
        Interval(nanoseconds: other > self ? other.nanoseconds - nanoseconds : nanoseconds - other.nanoseconds)
    }
}

/// A length of time in nanoseconds, never negative.
public struct Interval: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func milliseconds(_ n: UInt64) -> Interval { Interval(nanoseconds: n * 1_000_000) }
    public static func seconds(_ n: UInt64) -> Interval { Interval(nanoseconds: n * 1_000_000_000) }

    public var seconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// Wall-clock time in nanoseconds since 1970 (UTC); for display alone, never for order.
public struct WallTime: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (a: WallTime, b: WallTime) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// CLOCK_REALTIME minus CLOCK_BOOTTIME, in nanoseconds, as it was at one moment. It jumps when the wall clock is set.
public struct WallOffset: Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public func wall(_ time: BootTime) -> WallTime {
        let (sum, overflow) = Int64(clamping: time.nanoseconds).addingReportingOverflow(nanoseconds)
        return WallTime(nanoseconds: overflow ? .max : sum)
    }

    /// The boot time of a wall-clock moment; clamped at boot and at the end of time.
    public func boot(_ wall: WallTime) -> BootTime {
        guard wall.nanoseconds > nanoseconds else { return .zero }
        // The distance of two signed numbers always fits the unsigned type of their width.
        return BootTime(nanoseconds: UInt64(bitPattern: wall.nanoseconds &- nanoseconds))
    }
}
