import EventCoding
import EventModel
import FlightRecorder

/// What a storm may push out, and what it may not.
enum RecordLane {
    static func of(_ event: Event) -> FlightRing.Lane {
        switch event.body {
        case .fork, .exec, .exit, .seen, .cgroup: .flood
        // What services log themselves; the managers' own lines are few and decide.
        case .journal(let entry) where entry.writer == .other: .flood
        // Samples are many, and what they add up to is kept elsewhere; the one of a kill is its proof.
        case .hostSample, .cgroupSamples, .processHoldings: .flood
        // Anybody may open thousands; what matters of them is kept in their table.
        case .unixSocket: .flood
        case .processSamples(let samples) where samples.reason != .oom: .flood
        default: .decisive
        }
    }
}

extension FlightRing {
    /// Signals, OOM kills, addresses, messages to managers and what these and the journal say, between two moments; and
    /// the lines that `unit` itself logged then.
    func decisiveEvents(from: BootTime, to: BootTime, ofUnit unit: UnitID? = nil) -> [Event] {
        var events: [Event] = []
        forEach(from: from, to: to, lane: .decisive) { record, _ in
            guard let event = try? EventDecoder.decode(record) else { return }
            switch event.body {
            case .signal, .oomVictim, .socket, .managerMessage, .journal, .unit, .job: events.append(event)
            default: return
            }
        }
        return events + (unit.map { lines(of: $0, from: from, to: to) } ?? [])
    }

    /// Most lines of its own that a unit gets into an incident, the latest.
    private static let mostLines = 256

    private func lines(of unit: UnitID, from: BootTime, to: BootTime) -> [Event] {
        var lines: [Event] = []
        forEach(from: from, to: to, lane: .flood) { record, _ in
            // A storm's forks need not be decoded to be told from a line.
            guard EventDecoder.header(record)?.type == UserRecordType.journal.rawValue,
                let event = try? EventDecoder.decode(record), case .journal(let entry) = event.body, entry.unit == unit
            else { return }
            lines.append(event)
            if lines.count > 2 * Self.mostLines { lines.removeFirst(Self.mostLines) }
        }
        return lines.suffix(Self.mostLines)
    }
}
