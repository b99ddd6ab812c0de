import EventModel
import IncidentDetection
import ProcessTracking

/// A process stopped the subject (SIGSTOP, or had the manager freeze it), so that it could not answer in time, and
/// the manager ended it. Whoever stopped it did it.
enum StoppedThenWatchdogRule: Rule {
    static let id = "signal.stopped-then-watchdog"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, let victim = disruption.victim else { return nil }
        let sent = disruption.signals(to: victim, until: overdue.at).filter {
            $0.signal.tookEffect && disruption.managers.scope(of: $0.sender) == nil && !disruption.isVictim($0.sender)
        }
        guard let last = sent.last(where: { $0.signal.signal.stops && $0.signal.origin.hasSender }) else { return nil }
        // Continued in time, it could have answered.
        let continued = sent.first { $0.signal.signal == .continued && $0.event.time > last.event.time }
        if let continued, let interval = overdue.interval,
            continued.event.time.distance(to: overdue.at) > Interval(nanoseconds: interval.nanoseconds / 2)
        {
            return nil
        }
        let stops = sent.filter { $0.signal.signal.stops && $0.signal.origin.hasSender }
        let isAlone = disruption.parties(stops).count == 1
        let first = isAlone ? stops.first ?? last : last
        return Finding(
            rule: id, mechanism: .signal, actor: first.signal.origin == .outside ? nil : first.sender,
            actedAt: first.event.time,
            confidence: !isAlone ? .possible : overdue.isStated && continued == nil ? .proven : .likely,
            act:
                "sent \(first.signal.signal.name) to \(disruption.subject.name), which then could not \(overdue.failing), "
                + "and the manager ended it",
            evidence: [.signal(first.event, first.signal, disruption)] + overdue.evidence + [.end(of: disruption)],
            suspects: isAlone ? [] : stops.compactMap(\.sender))
    }
}
