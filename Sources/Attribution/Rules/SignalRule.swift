import EventModel
import IncidentDetection
import ProcessTracking

/// A signal from a process ended the subject: it was queued, and the subject ended by that very signal.
enum SignalRule: Rule {
    static let id = "signal.ended-by"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, let fatal = status.signal else { return nil }
        let sent = disruption.signalsToVictim.filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        guard let cause = decisive(sent, disruption.victim), cause.signal.origin.hasSender,
            cause.event.process == nil || cause.event.process != disruption.victim
        else { return nil }
        if cause.signal.origin == .parentDeath, let above = endOfParent(cause, disruption) { return above }
        let rivals = sent.filter {
            $0.event != cause.event && $0.signal.origin.hasSender && $0.event.process != disruption.victim
        }
        return Finding(
            rule: id, mechanism: .signal, actor: cause.event.process, actedAt: cause.event.time,
            confidence: cause.signal.origin == .outside ? .none : .proven,
            act: act(cause.signal, disruption),
            evidence: [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: rivals.prefix(8).map { rival(of: cause.event, $0.event, disruption) })
    }

    /// The subject died because its parent did: whoever ended the parent by a signal ended both.
    private static func endOfParent(
        _ cause: (event: Event, signal: SignalSent), _ disruption: DisruptionCase
    ) -> Finding? {
        guard let parent = cause.event.process, let fatal = disruption.table[parent]?.exit?.status?.signal else {
            return nil
        }
        let sent = disruption.signals(to: parent, upTo: cause.event.time)
            .filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        guard let first = decisive(sent, parent), first.signal.origin.hasSender, first.event.process != parent else {
            return nil
        }
        let name = disruption.subject.name
        return Finding(
            rule: "signal.parent-ended-by", mechanism: .signal, actor: first.event.process, actedAt: first.event.time,
            confidence: first.signal.origin == .outside ? .none : .proven,
            act:
                "sent \(fatal.name) to \(disruption.name(parent, at: first.event.time)), the parent of \(name), which had "
                + "asked for \(cause.signal.signal.name) at the death of its parent",
            evidence: [
                .signal(first.event, first.signal, disruption), .signal(cause.event, cause.signal, disruption),
                .end(of: disruption),
            ])
    }

    /// The first that was queued ended it. One that the subject sent to itself, after handling the same signal from
    /// outside, is how a handler hands it on: then the one from outside counts.
    private static func decisive(
        _ sent: [(event: Event, signal: SignalSent)], _ victim: ProcessKey?
    ) -> (event: Event, signal: SignalSent)? {
        let lethal = sent.first { $0.signal.disposition != .handler } ?? sent.first
        guard let lethal, lethal.event.process == victim else { return lethal }
        return sent.last {
            $0.event.process != victim && $0.event.time <= lethal.event.time && $0.signal.disposition == .handler
                && $0.event.time.distance(to: lethal.event.time) <= .seconds(10)
        } ?? lethal
    }

    private static func act(_ signal: SignalSent, _ disruption: DisruptionCase) -> String {
        let sent = "sent \(signal.signal.name) to \(disruption.subject.name)"
        return switch signal.origin {
        case .onBehalf:
            "had the kernel send \(signal.signal.name) to \(disruption.subject.name) (cgroup.kill or the like)"
        case .parentDeath:
            "ended, and \(disruption.subject.name) had asked for \(signal.signal.name) at the death of its parent"
        case .outside: "\(sent) from outside the collector's pid namespace"
        case .process, .kernel: sent
        }
    }

    private static func rival(of cause: Event, _ event: Event, _ disruption: DisruptionCase) -> Alternative {
        let owner = event.process.map { disruption.owner(of: $0) }
        let delay = cause.time.distance(to: event.time).nanoseconds
        return Alternative(
            outcome: owner?.outcome ?? .unknown, mechanism: .signal,
            whyNot:
                "\(disruption.name(event.process, at: event.time)) sent the same signal, but \(delay) ns after the one that was decisive"
        )
    }
}

extension SignalSent {
    /// Queued for the target, whether or not its details were kept.
    var tookEffect: Bool { result == .delivered || result == .infoLost || result == .unknown }
}

extension SignalSent.Origin {
    /// Somebody's act, rather than the kernel's own.
    var hasSender: Bool { self != .kernel }
}
