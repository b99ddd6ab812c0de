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
    }

    /// A bind that was refused: asked for, and not followed by the address being taken.
    public struct Refusal: Hashable, Sendable {
        public var endpoint: Endpoint
        public var process: ProcessKey
        public var at: BootTime
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

    private var attempts: [Int32: (endpoint: Endpoint, process: ProcessKey, at: BootTime)] = [:]
    /// When the earliest of `attempts` is to be looked at; nobody is looked at before.
    private var nextSettling = BootTime(nanoseconds: .max)
    public private(set) var refusals: [Refusal] = []

    private static let patience = Interval.milliseconds(100)

    public init() {}

    /// Whoever holds that port, on any address, the latest first.
    public func holders(ofPort port: UInt16) -> [Holding] {
        holdings.values.filter { $0.endpoint.port == port }.sorted {
            ($0.since, $0.holder.pid) > ($1.since, $1.holder.pid)
        }
    }

    /// All that is held, the earliest first.
    public var held: [Holding] {
        holdings.values.filter { $0.until == nil }.sorted(by: Self.isEarlier)
    }

    public mutating func apply(_ event: Event) {
        settleAttempts(before: event)
        guard case .socket(let change) = event.body, let process = event.process else { return }
        switch change.step {
        case .attempt:
            guard attempts.count < Self.capacity else { return }
            attempts[event.thread] = (change.endpoint, process, event.time)
            nextSettling = min(nextSettling, event.time + Self.patience)
        case .bound:
            attempts[event.thread] = nil
            hold(change.endpoint, process, event.time, isListening: false)
        case .listening: hold(change.endpoint, process, event.time, isListening: true)
        case .closed: release(change.endpoint, process, event.time)
        }
    }

    /// A bind takes microseconds: one that nothing has followed, when its thread does something else or after a tenth of
    /// a second, was refused.
    private mutating func settleAttempts(before event: Event) {
        guard !attempts.isEmpty else { return }
        if let attempt = attempts[event.thread], !isOutcome(event, attempt.endpoint) {
            attempts[event.thread] = nil
            refuse(attempt.endpoint, attempt.process, attempt.at)
        }
        guard event.time > nextSettling else { return }
        let late = attempts.filter { event.time > $0.value.at + Self.patience }
        for (thread, attempt) in late.sorted(by: { ($0.value.at, $0.key) < ($1.value.at, $1.key) }) {
            attempts[thread] = nil
            refuse(attempt.endpoint, attempt.process, attempt.at)
        }
        nextSettling = attempts.values.map { $0.at + Self.patience }.min() ?? BootTime(nanoseconds: .max)
    }

    /// By time; of one time, in the order of arrival.
    private mutating func refuse(_ endpoint: Endpoint, _ process: ProcessKey, _ time: BootTime) {
        let place = refusals.lastIndex { $0.at <= time }.map { $0 + 1 } ?? 0
        refusals.insert(Refusal(endpoint: endpoint, process: process, at: time), at: place)
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

    private mutating func hold(_ endpoint: Endpoint, _ process: ProcessKey, _ time: BootTime, isListening: Bool) {
        let claim = Claim(endpoint: endpoint, holder: process)
        if holdings.count >= Self.capacity, holdings[claim] == nil { forgetOldest() }
        let former = holdings[claim].flatMap { $0.until == nil ? $0 : nil }
        holdings[claim] = Holding(
            endpoint: endpoint, holder: process, since: former?.since ?? time,
            isListening: isListening || former?.isListening ?? false)
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
        (a.since, a.holder.pid, a.endpoint.port) < (b.since, b.holder.pid, b.endpoint.port)
    }
}
