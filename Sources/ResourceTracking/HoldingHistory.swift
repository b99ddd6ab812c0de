public import EventModel
import ProcessTracking

/// What processes held and had open when they were last looked at by themselves.
///
/// Bounded: those that were not looked at for longest make room.
public struct HoldingHistory: Sendable {
    public struct Moment: Hashable, Sendable {
        public var at: BootTime
        public var holding: ProcessHolding
    }

    /// The oldest first. A process that is ended may have been looked at once more while it was dying.
    private var moments: [ProcessKey: [Moment]] = [:]

    /// Most processes, and most moments of each.
    public static let capacity = 256
    public static let momentsKept = 2

    public init() {}

    public var count: Int { moments.count }

    mutating func learn(_ holdings: ProcessHoldings, at time: BootTime, _ processes: ProcessTable) {
        for holding in holdings.entries {
            let key = processes.known(holding.process) ?? holding.process
            if moments[key] == nil, moments.count >= Self.capacity { forgetOldest() }
            moments[key, default: []].append(Moment(at: time, holding: holding))
            if let count = moments[key]?.count, count > Self.momentsKept { moments[key]?.removeFirst() }
        }
    }

    /// The earlier half, by the time alone: those of one moment go together, so that the order of a hash table does not matter.
    private mutating func forgetOldest() {
        let times = moments.values.compactMap(\.last?.at).sorted()
        guard !times.isEmpty else { return }
        let last = times[times.count / 2]
        moments = moments.filter { $0.value.last.map { $0.at > last } ?? false }
    }

    /// What the process held at the latest look up to `time`, not more than `patience` before it.
    public func latest(of process: ProcessKey, before time: BootTime, within patience: Interval) -> Moment? {
        moments[process]?.last { $0.at <= time && $0.at + patience >= time }
    }
}
