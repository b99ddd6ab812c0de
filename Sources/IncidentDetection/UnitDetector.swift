public import EventModel
public import ProcessTracking
public import UnitTracking

/// Finds what happened to the units that are watched: from the manager's states and jobs, the journal and the exits of
/// their processes, any one of which is enough. What they tell of the same end is one disruption.
///
/// An end opens an episode. It is judged when it has settled: what the unit's history says by then, in whatever order
/// it came, makes the disruption, or shows that there was none.
public struct UnitDetector: Sendable {
    public private(set) var scope: UnitScope
    public let settle: Interval
    /// Most units with an open episode or an incident that waits for recovery; further ones are counted.
    public let capacity: Int
    public private(set) var unfollowed: UInt64 = 0

    /// An episode of a unit that does not come to rest is judged so long after it began.
    static let longest = Interval.milliseconds(4_200)
    /// A start counts as one that came up, after others failed, when it has lasted so long.
    static let stable = Interval.seconds(1)
    private static let step = Interval.milliseconds(250)

    /// The latest time of all events: what is read late has old times, and still settles from now on.
    var now = BootTime.zero
    var episodes: [UnitID: Episode] = [:]
    var followed: [UnitID: Followed] = [:]
    var senders = LethalSignals()
    /// The earliest deadline; nothing is looked at before.
    private var nextDue = BootTime(nanoseconds: .max)
    private var recovered: [Recovery] = []

    /// A disruption on its way.
    struct Episode: Hashable, Sendable {
        var openedAt: BootTime
        var due: BootTime
        var workers: [UnitFacts.Worker] = []
        var limit: BootTime { openedAt + UnitDetector.longest }
    }

    /// What was judged of a unit already.
    struct Followed: Hashable, Sendable {
        /// Serials of invocations whose end is accounted for.
        var ends: [UInt32] = []
        var failures: [StartFailure] = []
        /// When its latest disruption was, while it has not recovered from that.
        var unrecovered: BootTime?
        var checkAt: BootTime?
        var touchedAt: BootTime
    }

    /// A unit that was not running when its incident was judged runs again.
    public struct Recovery: Hashable, Sendable {
        public var unit: UnitID
        /// `at` of the disruption.
        public var disruptionAt: BootTime
        public var recoveredAt: BootTime
        public var main: ProcessKey?
        public var invocation: String?
    }

    /// What the detector looks at beside the event itself.
    public struct Surroundings {
        public var units: UnitTable
        public var processes: ProcessTable
        public var cgroups: CgroupTree
        /// A process that is a subject of its own.
        public var isWatched: (ProcessKey) -> Bool

        public init(
            units: UnitTable, processes: ProcessTable, cgroups: CgroupTree,
            isWatched: @escaping (ProcessKey) -> Bool = { _ in false }
        ) {
            self.units = units
            self.processes = processes
            self.cgroups = cgroups
            self.isWatched = isWatched
        }
    }

    public init(scope: UnitScope, settle: Interval = .seconds(2), capacity: Int = 4096) {
        self.scope = scope
        self.settle = settle
        self.capacity = capacity
    }

    /// Takes the time and the senders of signals from an event; whether `apply` has to see it as well. Nearly every event
    /// is for neither, and shall cost no more than this.
    public mutating func notice(_ event: Event, touched: UnitID?) -> Bool {
        now = max(now, event.time)
        switch event.body {
        case .signal(let signal): senders.learn(signal, event)
        case .exit(let exit): if exit.status?.signal != nil { return true }
        case .host(let host): scope.collector = host.collector
        default: break
        }
        return touched != nil || nextDue <= now
    }

    /// Takes in one event that was noticed, after the tables have; `touched` is the unit that the unit table learned
    /// something of. Returns what has settled by now.
    public mutating func apply(_ event: Event, touched: UnitID?, _ around: Surroundings) -> [Detected] {
        if case .exit(let exit) = event.body { lookForWorker(event, exit, around) }
        if let touched, let unit = around.units[touched] { look(at: unit, around) }
        guard nextDue <= now else { return [] }
        return settleDue(around)
    }

    /// Recoveries since the last call.
    public mutating func takeRecoveries() -> [Recovery] {
        defer { recovered = [] }
        return recovered
    }

    /// When the next thing is due to be looked at, if anything waits.
    public var nextSettling: BootTime? { episodes.values.map(\.due).min() }

    /// At the end of a recording: everything that still waits.
    public mutating func finish(_ around: Surroundings) -> [Detected] {
        let waiting = episodes.keys.sorted(by: Self.order)
        return waiting.compactMap { close($0, around) }.sorted { $0.disruption.at < $1.disruption.at }
    }

    private mutating func look(at unit: TrackedUnit, _ around: Surroundings) {
        if followed[unit.id]?.unrecovered != nil, unit.latest?.end == nil {
            followed[unit.id]?.checkAt = now + Self.stable
            nextDue = min(nextDue, now + Self.stable)
        }
        guard episodes[unit.id] == nil, hasNews(unit), scope.isWatched(unit, around) else { return }
        open(unit.id)
    }

    private func hasNews(_ unit: TrackedUnit) -> Bool {
        let known = followed[unit.id]
        return unit.news(beyond: known).isEmpty == false
    }

    mutating func open(_ unit: UnitID) {
        guard episodes.count < capacity else {
            unfollowed += 1
            return
        }
        let episode = Episode(openedAt: now, due: now + settle)
        episodes[unit] = episode
        nextDue = min(nextDue, episode.due)
    }

    private mutating func settleDue(_ around: Surroundings) -> [Detected] {
        var found: [Detected] = []
        for id in episodes.filter({ $0.value.due <= now }).keys.sorted(by: Self.order) {
            guard let episode = episodes[id] else { continue }
            if now < episode.limit, let unit = around.units[id], isMoving(unit, episode) {
                episodes[id]?.due = min(now + Self.step, episode.limit)
            } else if let detected = close(id, around) {
                found.append(detected)
            }
        }
        checkRecoveries(around)
        nextDue = min(
            episodes.values.map(\.due).min() ?? BootTime(nanoseconds: .max),
            followed.values.compactMap(\.checkAt).min() ?? BootTime(nanoseconds: .max))
        return found.sorted { $0.disruption.at < $1.disruption.at }
    }

    /// Whether more is about to follow: a start or a stop is on its way.
    private func isMoving(_ unit: TrackedUnit, _ episode: Episode) -> Bool {
        if let state = unit.state, let at = unit.stateAt, at >= unit.latest?.end?.at ?? .zero,
            ["activating", "deactivating"].contains(state.active)
        {
            return true
        }
        guard let latest = unit.latest else { return false }
        if let end = latest.end {
            if latest.restartScheduledAt != nil, unit.state?.active != "failed" { return true }
            return end.at + settle > now
        }
        return unit.invocations.contains { $0.end != nil && $0.since >= episode.openedAt }
            && (latest.upAt.map { $0 + Self.stable > now } ?? true)
    }

    private mutating func close(_ id: UnitID, _ around: Surroundings) -> Detected? {
        guard let episode = episodes.removeValue(forKey: id), let unit = around.units[id] else { return nil }
        let before = followed[id]
        let news = unit.news(beyond: before)
        follow(unit, news)
        let judge = UnitEpisode(unit: unit, news: news, workers: episode.workers, now: now)
        if before?.unrecovered != nil, judge.isMoreOfTheSame { return nil }
        guard let disruption = judge.disruption.map({ withMains($0, of: unit, around) }) else { return nil }
        let isOver = disruption.recoveredAt != nil || disruption.kind == .degraded
        followed[id]?.unrecovered = isOver ? nil : disruption.at
        let subject = Subject(
            unit: id, invocationBefore: disruption.systemd?.run?.invocation,
            invocationAfter: disruption.recoveredAt == nil ? nil : unit.latest?.id)
        return Detected(subject: subject, disruption: disruption, settledAt: now)
    }

    private mutating func follow(_ unit: TrackedUnit, _ news: UnitNews) {
        if followed.count >= capacity, followed[unit.id] == nil { forgetFollowed() }
        let serials = Set(unit.invocations.map(\.serial))
        var state = followed[unit.id] ?? Followed(touchedAt: now)
        state.ends = (state.ends + news.ends.map(\.serial)).filter { serials.contains($0) }
        state.failures = (state.failures + news.failures).filter { unit.startFailures.contains($0) }
        state.touchedAt = now
        followed[unit.id] = state
    }

    /// The half that nothing was judged of for longest; an end of theirs that is told again is new then.
    private mutating func forgetFollowed() {
        let times = followed.values.map(\.touchedAt).sorted()
        guard !times.isEmpty else { return }
        let last = times[times.count / 2]
        followed = followed.filter { $0.value.touchedAt > last }
    }

    private mutating func checkRecoveries(_ around: Surroundings) {
        for (id, state) in followed.filter({ ($0.value.checkAt ?? BootTime(nanoseconds: .max)) <= now }).sorted(by: {
            Self.order($0.key, $1.key)
        }) {
            followed[id]?.checkAt = nil
            guard let at = state.unrecovered, let latest = around.units[id]?.latest, latest.end == nil,
                let upAt = latest.upAt, episodes[id] == nil
            else { continue }
            followed[id]?.unrecovered = nil
            recovered.append(
                Recovery(
                    unit: id, disruptionAt: at, recoveredAt: max(at, upAt), main: latest.main, invocation: latest.id))
        }
    }

    /// The same order in every run, whatever order a hash table has.
    private static func order(_ a: UnitID, _ b: UnitID) -> Bool {
        (a.manager.uid.map { Int64($0) } ?? -1, a.name) < (b.manager.uid.map { Int64($0) } ?? -1, b.name)
    }
}
