import EventModel

/// When to look at what dies with the large processes: while memory is short, whatever else may be; rarely, and never so
/// long that it would cost more than a share of one core.
struct SnapshotPace {
    static let period = Interval.seconds(2)
    /// Memory counts as short for so long: the kernel's triggers tell of it once in such a window.
    static let lingers = Interval.seconds(2)
    /// Most CPU time of one round; what it has not come to by then is left out.
    static let most = Interval.milliseconds(15)
    /// A round may take a hundredth of the time.
    private static let leastPauses: UInt64 = 100

    private var shortUntil = BootTime.zero
    private var last: BootTime?
    private var cost = Interval(nanoseconds: 0)

    mutating func memoryIsShort(at now: BootTime) { shortUntil = max(shortUntil, now + Self.lingers) }

    func isDue(at now: BootTime) -> Bool {
        guard shortUntil > now else { return false }
        let (share, overflow) = cost.nanoseconds.multipliedReportingOverflow(by: Self.leastPauses)
        let pause = max(Self.period, Interval(nanoseconds: overflow ? .max : share))
        return last.map { $0 + pause <= now } ?? true
    }

    mutating func began(at now: BootTime) {
        last = now
        cost = Interval(nanoseconds: 0)
    }

    /// More of the round that has begun.
    mutating func took(_ time: Interval) {
        let (sum, overflow) = cost.nanoseconds.addingReportingOverflow(time.nanoseconds)
        cost = Interval(nanoseconds: overflow ? .max : sum)
    }

    var isOverdrawn: Bool { cost > Self.most }
}

extension HostSample {
    /// Whether tasks waited for a resource for more than one `part` of the time since `earlier`.
    func waited(
        for resource: KeyPath<HostSample, Stall?>, since earlier: HostSample, over time: Interval, part: UInt64
    ) -> Bool {
        guard let new = self[keyPath: resource]?.someTotal, let old = earlier[keyPath: resource]?.someTotal else {
            return false
        }
        return new > old && new - old > time.nanoseconds / 1000 / part
    }

    /// Memory, whatever else: tasks waited for it for as large a part of the time as the kernel's trigger is set to. Where the
    /// kernel does not tell, a twentieth of it is left.
    func isShortOfMemory(since earlier: HostSample, over time: Interval) -> Bool {
        guard memory == nil else { return waited(for: \.memory, since: earlier, over: time, part: 13) }
        return amounts.map { $0.available < $0.total / 20 } ?? false
    }
}
