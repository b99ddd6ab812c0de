public import EventModel

/// Who took which address, as far as it was seen; the latest holder of each.
public struct PortTable: Sendable {
    public struct Holding: Hashable, Sendable {
        public var endpoint: Endpoint
        public var holder: ProcessKey
        public var since: BootTime
        public var isListening: Bool
        /// Nil while it is held. UDP sockets that are closed leave no trace.
        public var until: BootTime?
        /// `bpf` where it was seen being taken, `procfs` where it was found held.
        public var source: Source
    }

    /// A bind that was refused: asked for, and not followed by the address being taken.
    public struct Refusal: Hashable, Sendable {
        public var endpoint: Endpoint
        public var process: ProcessKey
        public var at: BootTime
        public var uid: UInt32
    }

    /// Most addresses and refusals kept, the latest.
    public static let capacity = 8192

    /// By address and holder: SO_REUSEPORT gives one address to several, and a listen(2) that is refused shows for a moment
    /// as one that listens.
    private var holdings: [Claim: Holding] = [:]

    private struct Claim: Hashable {
        var endpoint: Endpoint
        var holder: ProcessKey
    }

    /// By thread.
    private var attempts: [Int32: Refusal] = [:]
    /// When the earliest of `attempts` is to be looked at; nobody is looked at before.
    private var nextSettling = BootTime(nanoseconds: .max)
    public private(set) var refusals: [Refusal] = []
    /// When what was held already was looked for.
    private var foundAt: BootTime?

    private static let patience = Interval.milliseconds(100)
    /// So long after the probes were attached the look at what is held may have taken.
    private static let look = Interval.seconds(5)

    public init() {}

    /// Whoever holds that port, on any address, the latest first.
    public func holders(ofPort port: UInt16) -> [Holding] {
        holdings.values.filter { $0.endpoint.port == port }.sorted {
            let (one, other) = (($0.since, $0.holder.pid), ($1.since, $1.holder.pid))
            return one == other ? Self.precedes($0, $1) : one > other
        }
    }

    /// Whoever held what is in the way of that address at that moment: the earliest first, and of one process's what is of
    /// the same family, since that is in the way for certain.
    public func holdings(against endpoint: Endpoint, at time: BootTime) -> [Holding] {
        holdings.values.filter {
            $0.endpoint.port == endpoint.port && $0.since <= time && $0.until.map { $0 > time } ?? true
                && $0.endpoint.overlaps(endpoint)
        }.sorted {
            let (one, other) = (($0.since, $0.holder.pid), ($1.since, $1.holder.pid))
            guard one == other else { return one < other }
            let isSame = ($0.endpoint.family == endpoint.family, $1.endpoint.family == endpoint.family)
            return isSame.0 == isSame.1 ? Self.precedes($0, $1) : isSame.0
        }
    }

    /// All that was held at that moment, the earliest first.
    public func holdings(at time: BootTime) -> [Holding] {
        holdings.values.filter { $0.since <= time && $0.until.map { $0 > time } ?? true }.sorted(by: Self.isEarlier)
    }

    /// What that process took in that time, and may have given up again.
    public func taken(by process: ProcessKey, since: BootTime, until: BootTime) -> [Holding] {
        holdings.values.filter { $0.holder == process && $0.since >= since && $0.since <= until }.sorted(
            by: Self.isEarlier)
    }

    /// All that is held, the earliest first.
    public var held: [Holding] {
        holdings.values.filter { $0.until == nil }.sorted(by: Self.isEarlier)
    }

    public mutating func apply(_ event: Event) {
        settleAttempts(before: event)
        guard case .socket(let change) = event.body, let process = event.process else { return }
        guard event.source != .procfs else { return find(change, process, event.time) }
        switch change.step {
        case .attempt:
            guard attempts.count < Self.capacity else { return }
            attempts[event.thread] = Refusal(
                endpoint: change.endpoint, process: process, at: event.time, uid: change.uid)
            nextSettling = min(nextSettling, event.time + Self.patience)
        case .bound:
            attempts[event.thread] = nil
            take(change.endpoint, process, event.time, isListening: false)
        case .listening: take(change.endpoint, process, event.time, isListening: true)
        case .closed: release(change.endpoint, process, event.time)
        }
    }

    /// A bind takes microseconds: one that nothing has followed, when its thread does something else or after a tenth of
    /// a second, was refused.
    private mutating func settleAttempts(before event: Event) {
        guard !attempts.isEmpty else { return }
        if let attempt = attempts[event.thread], !isOutcome(event, attempt.endpoint) {
            attempts[event.thread] = nil
            refuse(attempt)
        }
        guard event.time > nextSettling else { return }
        let late = attempts.filter { event.time > $0.value.at + Self.patience }
        for (thread, attempt) in late.sorted(by: { ($0.value.at, $0.key) < ($1.value.at, $1.key) }) {
            attempts[thread] = nil
            refuse(attempt)
        }
        nextSettling = attempts.values.map { $0.at + Self.patience }.min() ?? BootTime(nanoseconds: .max)
    }

    /// By time; of one time, in the order of arrival.
    private mutating func refuse(_ refusal: Refusal) {
        let place = refusals.lastIndex { $0.at <= refusal.at }.map { $0 + 1 } ?? 0
        refusals.insert(refusal, at: place)
        if refusals.count > Self.capacity { refusals.removeFirst(Self.capacity / 4) }
    }

    /// Who asks for port 0 gets any.
    private func isOutcome(_ event: Event, _ endpoint: Endpoint) -> Bool {
        guard case .socket(let change) = event.body else { return false }
        return change.step == .bound && (change.endpoint.port == endpoint.port || endpoint.port == 0)
    }

    /// The one that closes it is often not the one that opened it: a listener is inherited and passed on.
    private mutating func release(_ endpoint: Endpoint, _ process: ProcessKey, _ time: BootTime) {
        let own = Claim(endpoint: endpoint, holder: process)
        if holdings[own] != nil {
            holdings[own]?.until = time
            return
        }
        let held = holdings.values.filter { $0.endpoint == endpoint && $0.until == nil }
        guard let other = held.min(by: Self.isEarlier) else { return }
        holdings[Claim(endpoint: endpoint, holder: other.holder)]?.until = time
    }

    /// It was held when the collector came.
    private mutating func find(_ change: SocketChange, _ process: ProcessKey, _ time: BootTime) {
        foundAt = max(foundAt ?? time, time)
        hold(change.endpoint, process, time, isListening: change.step == .listening, source: .procfs)
    }

    /// What was taken between the attaching of the probes and the look is found by both: the probes know who took it.
    private mutating func take(_ endpoint: Endpoint, _ process: ProcessKey, _ time: BootTime, isListening: Bool) {
        if let foundAt, time.distance(to: foundAt) <= Self.look {
            for (claim, holding) in holdings
            where claim.endpoint == endpoint && claim.holder != process && holding.source == .procfs {
                holdings[claim] = nil
            }
        }
        hold(endpoint, process, time, isListening: isListening, source: .bpf)
    }

    private mutating func hold(
        _ endpoint: Endpoint, _ process: ProcessKey, _ time: BootTime, isListening: Bool, source: Source
    ) {
        let claim = Claim(endpoint: endpoint, holder: process)
        if holdings.count >= Self.capacity, holdings[claim] == nil { forgetOldest() }
        let former = holdings[claim].flatMap { $0.until == nil ? $0 : nil }
        holdings[claim] = Holding(
            endpoint: endpoint, holder: process, since: former?.since ?? time,
            isListening: isListening || former?.isListening ?? false,
            source: former?.source == .bpf ? .bpf : source)
    }

    /// The earlier half, by time alone: times sort many times faster than holdings, and a storm of binds comes here
    /// every few thousand. Those of one moment go together, so that the order of a hash table does not matter.
    private mutating func forgetOldest() {
        let times = holdings.values.map { $0.since }.sorted()
        guard !times.isEmpty else { return }
        let last = times[times.count / 2]
        holdings = holdings.filter { $0.value.since > last }
    }

    /// The same order in every run, whatever order a hash table has.
    private static func isEarlier(_ a: Holding, _ b: Holding) -> Bool {
        let (one, other) = ((a.since, a.holder.pid, a.endpoint.port), (b.since, b.holder.pid, b.endpoint.port))
        return one == other ? precedes(a, b) : one < other
    }

    /// Among those of one moment and pid: what the look at the start finds has one time.
    private static func precedes(_ a: Holding, _ b: Holding) -> Bool {
        func rank(_ holding: Holding) -> (UInt16, UInt16, UInt16, UInt32, BootTime) {
            let endpoint = holding.endpoint
            return (
                endpoint.port, endpoint.transport.rawValue, endpoint.family.rawValue, endpoint.networkNamespace,
                holding.holder.start
            )
        }
        return rank(a) == rank(b)
            ? a.endpoint.address.lexicographicallyPrecedes(b.endpoint.address) : rank(a) < rank(b)
    }
}
