internal import EventModel
internal import ProcFS

/// The clocks of this boot, as they stood when they were read.
struct JournalClock: Hashable {
    /// 32 hexadecimal digits.
    var boot: String
    /// CLOCK_BOOTTIME minus CLOCK_MONOTONIC.
    var suspended: Interval
    /// CLOCK_REALTIME minus CLOCK_BOOTTIME.
    var wall: WallOffset

    static func now(boot: String) -> JournalClock {
        JournalClock(boot: boot, suspended: ProcFS.suspendedTime(), wall: ProcFS.wallOffset())
    }

    /// A time of CLOCK_MONOTONIC in microseconds; right for what happened since the last suspend.
    func time(monotonic: UInt64) -> BootTime { Self.microseconds(monotonic) + suspended }

    /// The other way round.
    func monotonic(_ time: BootTime) -> UInt64 { (time - suspended).nanoseconds / 1000 }

    /// When the entry was sent. All arguments are microseconds.
    ///
    /// journald stamps an entry when it writes it, which under load is seconds late; `sent`
    /// (_SOURCE_REALTIME_TIMESTAMP) is the kernel's stamp on the datagram. Of an entry from before a suspend
    /// CLOCK_MONOTONIC does not say how far back it is, and the wall clock tells, if it was not set since.
    func time(monotonic: UInt64, realtime: UInt64, sent: UInt64?) -> BootTime {
        var time = time(monotonic: monotonic)
        if suspended > Self.certain {
            let byWall = wall.boot(WallTime(nanoseconds: Int64(clamping: Self.microseconds(realtime).nanoseconds)))
            let earliest = Self.microseconds(monotonic)
            if byWall >= earliest, byWall <= time, byWall.distance(to: time) > Self.certain { time = byWall }
        }
        guard let sent, sent <= realtime else { return time }
        let delay = Interval(nanoseconds: Self.microseconds(realtime - sent).nanoseconds)
        return delay <= Self.longestDelay ? time - delay : time
    }

    /// Closer than this, the wall clock's slewing tells more than a suspend.
    private static let certain = Interval.seconds(1)
    /// Beyond this the wall clock was set in between.
    private static let longestDelay = Interval.seconds(30)

    private static func microseconds(_ count: UInt64) -> BootTime {
        let (product, overflow) = count.multipliedReportingOverflow(by: 1000)
        return BootTime(nanoseconds: overflow ? .max : product)
    }
}
