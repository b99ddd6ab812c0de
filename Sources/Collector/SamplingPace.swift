import EventModel

/// When samples are taken: every second while something is happening, and a while after; every ten seconds otherwise.
/// Never so often that they would cost more than a share of one core: where a sample takes long, it is taken less often.
struct SamplingPace {
    static let atRest = Interval.seconds(10)
    static let inActivity = Interval.seconds(1)
    /// So long after the last sign of it something is still taken to be happening.
    static let lingers = Interval.seconds(10)
    /// A sample may take a two-hundredth of the time at rest, a hundredth otherwise.
    private static let (leastRests, leastPauses): (UInt64, UInt64) = (200, 100)

    private var activeUntil = BootTime.zero
    private var last: BootTime?
    private var cost = Interval(nanoseconds: 0)

    mutating func noticed(at now: BootTime) { activeUntil = max(activeUntil, now + Self.lingers) }

    func isActive(at now: BootTime) -> Bool { activeUntil > now }

    func isDue(at now: BootTime) -> Bool {
        guard let last else { return true }
        return last + period(at: now) <= now
    }

    /// `cost` is how long the last sample took.
    func period(at now: BootTime) -> Interval {
        let isActive = isActive(at: now)
        let (share, overflow) = cost.nanoseconds.multipliedReportingOverflow(
            by: isActive ? Self.leastPauses : Self.leastRests)
        return max(isActive ? Self.inActivity : Self.atRest, Interval(nanoseconds: overflow ? .max : share))
    }

    /// The first one tells nothing of the next: it reads what is not yet in any cache.
    mutating func took(_ time: Interval, at now: BootTime) {
        cost = last == nil ? Interval(nanoseconds: 0) : time
        last = now
    }

    /// What was done beside it since the last sample counts as part of its cost.
    mutating func tookMore(_ time: Interval) {
        let (sum, overflow) = cost.nanoseconds.addingReportingOverflow(time.nanoseconds)
        cost = Interval(nanoseconds: overflow ? .max : sum)
    }
}
