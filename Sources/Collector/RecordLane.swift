import EventCoding
import EventModel
import FlightRecorder

/// What a storm may push out, and what it may not.
enum RecordLane {
    static func of(_ event: Event) -> FlightRing.Lane {
        switch event.body {
        case .fork, .exec, .exit, .seen, .cgroup: .flood
        default: .decisive
        }
    }
}

extension FlightRing {
    /// Signals, OOM kills and addresses between two moments, in order.
    func decisiveEvents(from: BootTime, to: BootTime) -> [Event] {
        var events: [Event] = []
        forEach(from: from, to: to, lane: .decisive) { record, _ in
            guard let event = try? EventDecoder.decode(record) else { return }
            switch event.body {
            case .signal, .oomVictim, .socket: events.append(event)
            default: return
            }
        }
        return events
    }
}
