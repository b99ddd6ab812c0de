import EventModel

/// Who sent the latest signals that may end a process, for a short while and a bounded number of targets.
struct LethalSignals: Sendable {
    struct Sent: Hashable, Sendable {
        var signal: Signal
        var sender: ProcessKey?
        var origin: SignalSent.Origin
        var at: BootTime
    }

    static let capacity = 4096
    private static let perTarget = 4
    private static let memory = Interval.seconds(10)
    private var byTarget: [ProcessKey: [Sent]] = [:]

    mutating func learn(_ sent: SignalSent, _ event: Event) {
        guard sent.signal != .continued, sent.result != .ignored else { return }
        if byTarget.count >= Self.capacity, byTarget[sent.target] == nil {
            byTarget = byTarget.filter { $0.value.contains { $0.at + Self.memory >= event.time } }
            if byTarget.count >= Self.capacity { byTarget.removeAll() }
        }
        byTarget[sent.target, default: []].append(
            Sent(signal: sent.signal, sender: event.process, origin: sent.origin, at: event.time))
        if byTarget[sent.target]?.count ?? 0 > Self.perTarget { byTarget[sent.target]?.removeFirst() }
    }

    /// The signals of that number to the process that has just ended; they are forgotten.
    mutating func take(_ signal: Signal, to target: ProcessKey) -> [Sent] {
        guard !byTarget.isEmpty else { return [] }
        return byTarget.removeValue(forKey: target)?.filter { $0.signal == signal } ?? []
    }
}
