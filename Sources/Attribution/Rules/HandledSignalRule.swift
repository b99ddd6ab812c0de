import EventModel
import IncidentDetection
import ProcessTracking

/// A process asked the subject to end; the subject handles that signal, and then exited by itself.
enum HandledSignalRule: Rule {
    static let id = "signal.handled-then-exit"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, status.signal == nil else { return nil }
        let asked = disruption.requestsToEnd.filter {
            $0.signal.asksForNothingElse || $0.isWithin(DisruptionCase.prompt, before: disruption.disruption.at)
        }
        guard let cause = asked.first(where: \.signal.asksForNothingElse) ?? asked.first else { return nil }
        let instigator = disruption.instigator(of: cause)
        guard let confidence = confidence(cause, asked, status, disruption) else { return nil }
        return Finding(
            rule: id, furtherRules: instigator.rules, mechanism: instigator.mechanism, actor: instigator.actor,
            actedAt: instigator.actedAt ?? cause.event.time,
            confidence: min(confidence, instigator.confidence),
            act: instigator.act ?? act(cause, instigator, disruption),
            evidence: instigator.evidence + [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: [selfExit(status, cause.event, disruption)]
                + instigator.rivals.prefix(8).map { .request($0, disruption) },
            suspects: (confidence == .possible ? asked.compactMap(\.sender) : [])
                + instigator.rivals.compactMap(\.sender))
    }

    /// An exit that is late, or whose code is not the one of a requested end, may have a reason of its own. Nil where it
    /// is both, or where the signal may have meant something else: that is no ground to name anybody.
    private static func confidence(
        _ cause: SignalEvent, _ asked: [SignalEvent], _ status: ExitStatus, _ disruption: DisruptionCase
    ) -> Confidence? {
        guard disruption.parties(asked).count == 1 else { return .possible }
        let isPrompt = cause.isWithin(DisruptionCase.prompt, before: disruption.disruption.at)
        let isRequested = status.isSuccess || status.code == 128 + cause.signal.signal.rawValue
        switch (isPrompt && isRequested, isPrompt || isRequested) {
        case (true, _): return cause.signal.asksForNothingElse ? .proven : .likely
        case (_, true): return cause.signal.asksForNothingElse ? .likely : nil
        default: return nil
        }
    }

    private static func act(_ cause: SignalEvent, _ instigator: Instigator, _ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        if let actor = instigator.actor, actor != cause.sender {
            return "ended or asked to end \(disruption.name(cause.sender)), and so \(name) was asked to and exited: "
                + instigator.remark
        }
        let what = "sent \(cause.signal.signal.name) to \(name), which handled it and exited"
        guard instigator.actor == nil else { return what }
        return "\(disruption.name(cause.sender)) \(what)" + (instigator.remark.isEmpty ? "" : "; \(instigator.remark)")
    }

    private static func selfExit(_ status: ExitStatus, _ cause: Event, _ disruption: DisruptionCase) -> Alternative {
        let delay = Double(cause.time.distance(to: disruption.disruption.at).nanoseconds / 1_000_000) / 1000
        return Alternative(
            outcome: .self, mechanism: .exit,
            whyNot: "it exited with code \(status.code ?? 0), but \(delay) s after it had been asked to end")
    }
}
