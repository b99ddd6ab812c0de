import EventModel
import IncidentDetection
import ProcessTracking

/// A signal with the event that it came in.
struct SignalEvent {
    var event: Event
    var signal: SignalSent

    var sender: ProcessKey? { event.process }

    func isWithin(_ interval: Interval, before time: BootTime) -> Bool {
        event.time <= time && event.time.distance(to: time) <= interval
    }
}

/// Who stands behind a signal, for asking whether two senders are one: an agent with all of its tree, or one process.
enum Party: Hashable {
    case agent(Int32)
    case process(ProcessKey)
    case outside
}

extension DisruptionCase {
    /// An end as prompt as that after a signal needs no other explanation.
    static let prompt = Interval.seconds(5)
    /// For so long a program that was asked to end may take to hand the signal on.
    static let handedOn = Interval.seconds(10)

    /// Signals to the victim up to its end, in order.
    var signalsToVictim: [SignalEvent] { victim.map { signals(to: $0, until: disruption.at) } ?? [] }

    func signals(to target: ProcessKey, until end: BootTime) -> [SignalEvent] {
        events.compactMap { event in
            guard case .signal(let signal) = event.body, event.time <= end else { return nil }
            let isTarget = signal.target == target || signal.target.matches(tick: target)
            return isTarget ? SignalEvent(event: event, signal: signal) : nil
        }
    }

    /// Requests by others to end, which the victim handles: whatever then ends it, they may be why.
    var requestsToEnd: [SignalEvent] { victim.map { requestsToEnd($0, until: disruption.at) } ?? [] }

    func requestsToEnd(_ target: ProcessKey, until end: BootTime) -> [SignalEvent] {
        signals(to: target, until: end).filter {
            $0.signal.signal.asksToEnd && $0.signal.disposition == .handler && $0.signal.tookEffect
                && $0.signal.origin.hasSender && $0.sender != target && $0.sender?.matches(tick: target) != true
        }
    }

    func party(of key: ProcessKey?) -> Party {
        guard let key else { return .outside }
        guard let process = table[key] else { return .process(key) }
        return process.tag != 0 ? .agent(process.tag) : .process(process.key)
    }

    func parties(_ signals: [SignalEvent]) -> Set<Party> { Set(signals.map { party(of: $0.sender) }) }
}

extension SignalSent {
    /// Queued for the target, whether or not its details were kept, and not thrown away by it.
    var tookEffect: Bool {
        disposition != .ignored && (result == .delivered || result == .infoLost || result == .unknown)
    }

    /// TERM and INT ask for nothing else; HUP and QUIT often mean "read your configuration again" and "show your threads".
    var asksForNothingElse: Bool { signal == .terminate || signal == .interrupt }
}

extension SignalSent.Origin {
    /// Somebody's act, rather than the kernel's own.
    var hasSender: Bool { self != .kernel }
}
