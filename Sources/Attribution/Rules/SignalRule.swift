import EventModel
import IncidentDetection
import ProcessTracking

/// A signal from a process ended the subject: it was queued, and the subject ended by that very signal.
enum SignalRule: Rule {
    static let id = "signal.ended-by"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let fatal = disruption.disruption.status?.signal else { return nil }
        let sent = disruption.signalsToVictim.filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        guard let (cause, confidence) = decisive(sent, disruption) else { return nil }
        let instigator = disruption.instigator(of: cause)
        let rivals = sent.filter {
            $0.event != cause.event && $0.signal.origin.hasSender && !disruption.isVictim($0.sender)
        }
        return Finding(
            rule: id, furtherRules: instigator.rules, mechanism: instigator.mechanism, actor: instigator.actor,
            actedAt: instigator.actedAt ?? cause.event.time,
            confidence: min(confidence, instigator.confidence),
            act: instigator.act ?? act(cause, instigator, disruption),
            evidence: instigator.evidence + [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: rivals.prefix(8).map { rival(of: cause, $0, confidence, disruption) }
                + instigator.rivals.prefix(8).map { .request($0, disruption) },
            suspects: (confidence == .possible ? rivals.compactMap(\.sender) : [])
                + instigator.rivals.compactMap(\.sender))
    }

    /// The first that was queued and not handled ended it. One that the subject sent to itself, after handling the same
    /// signal from outside, is how a handler hands it on: then the first one from outside counts.
    private static func decisive(
        _ sent: [SignalEvent], _ disruption: DisruptionCase
    ) -> (cause: SignalEvent, confidence: Confidence)? {
        let lethal = sent.first { $0.signal.disposition != .handler }
        if let lethal, !disruption.isVictim(lethal.sender) || lethal.signal.origin == .kernel {
            guard lethal.signal.origin.hasSender else { return nil }
            return (lethal, isContested(lethal, sent, disruption) ? .possible : .proven)
        }
        let end = lethal?.event.time ?? disruption.disruption.at
        let asked = sent.filter {
            $0.signal.disposition == .handler && $0.signal.origin.hasSender && !disruption.isVictim($0.sender)
                && $0.isWithin(DisruptionCase.handedOn, before: end)
        }
        guard let first = asked.first else { return nil }
        if disruption.parties(asked).count > 1 { return (first, .possible) }
        return (first, lethal == nil ? .likely : .proven)
    }

    /// What is not handled kills at once, unless it was blocked. One that was sent long before the end may have been,
    /// and then a later one to another thread can have come first.
    private static func isContested(_ lethal: SignalEvent, _ sent: [SignalEvent], _ disruption: DisruptionCase) -> Bool
    {
        guard lethal.signal.signal != .kill, !lethal.isWithin(DisruptionCase.prompt, before: disruption.disruption.at)
        else {
            return false
        }
        let others = sent.filter { $0.event != lethal.event && $0.signal.disposition != .handler }
        return others.contains { disruption.party(of: $0.sender) != disruption.party(of: lethal.sender) }
    }

    private static func act(_ cause: SignalEvent, _ instigator: Instigator, _ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        let signal = cause.signal.signal.name
        if let actor = instigator.actor, actor != cause.sender {
            return
                "ended or asked to end \(disruption.name(cause.sender, at: cause.event.time)), and so \(signal) came to \(name): \(instigator.remark)"
        }
        let what =
            switch cause.signal.origin {
            case .onBehalf: "had the kernel send \(signal) to \(name) (cgroup.kill or the like)"
            case .parentDeath: "ended, and \(name) had asked for \(signal) at the death of its parent"
            case .outside: "sent \(signal) to \(name) from outside the collector's pid namespace"
            case .process, .kernel: "sent \(signal) to \(name)"
            }
        guard instigator.actor == nil else { return what }
        let sender = cause.signal.origin == .outside ? "a process" : disruption.name(cause.sender, at: cause.event.time)
        return "\(sender) \(what)" + (instigator.remark.isEmpty ? "" : "; \(instigator.remark)")
    }

    private static func rival(
        of cause: SignalEvent, _ other: SignalEvent, _ confidence: Confidence, _ disruption: DisruptionCase
    ) -> Alternative {
        let owner = other.sender.map { disruption.owner(of: $0) }
        let delay = cause.event.time.distance(to: other.event.time).nanoseconds
        let order = other.event.time < cause.event.time ? "before" : "after"
        let which =
            confidence == .possible
            ? "the one that was taken for decisive, which may be wrong" : "the one that was decisive"
        return Alternative(
            outcome: owner?.outcome ?? .unknown, mechanism: .signal,
            whyNot:
                "\(disruption.name(other.sender, at: other.event.time)) sent the same signal, \(delay) ns \(order) \(which)"
        )
    }
}
