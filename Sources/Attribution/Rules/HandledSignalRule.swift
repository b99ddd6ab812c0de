import EventModel
import IncidentDetection
import ProcessTracking

/// A process asked the subject to end; the subject handles that signal, and then exited by itself.
enum HandledSignalRule: Rule {
    static let id = "signal.handled-then-exit"

    /// Longer than that after the signal, an exit is hardly the answer to it.
    private static let answer = Interval.seconds(90)
    /// An exit as prompt as that needs no other explanation.
    private static let prompt = Interval.seconds(5)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, status.signal == nil else { return nil }
        let asked = disruption.signalsToVictim.filter {
            $0.signal.signal.asksToEnd && $0.signal.disposition == .handler && $0.signal.tookEffect
                && $0.signal.origin.hasSender && $0.event.process != disruption.victim
                && $0.event.time.distance(to: disruption.disruption.at) <= answer
        }
        guard let cause = asked.first else { return nil }
        return Finding(
            rule: id, mechanism: .signal, actor: cause.event.process, actedAt: cause.event.time,
            confidence: confidence(asked, status, disruption),
            act: "sent \(cause.signal.signal.name) to \(disruption.subject.name), which handled it and exited",
            evidence: [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: selfExit(status, cause.event, disruption))
    }

    /// SIGHUP often means "read your configuration again"; and an exit code that is not the one of a requested end may
    /// have a reason of its own.
    private static func confidence(
        _ asked: [(event: Event, signal: SignalSent)], _ status: ExitStatus, _ disruption: DisruptionCase
    ) -> Confidence {
        guard let cause = asked.first, cause.signal.origin != .outside else { return .none }
        let senders = Set(asked.map(\.event.process))
        guard senders.count == 1 else { return .possible }
        let isPrompt = cause.event.time.distance(to: disruption.disruption.at) <= prompt
        let isRequested = status.isSuccess || status.code == 128 + cause.signal.signal.rawValue
        return isPrompt && isRequested && cause.signal.signal != .hangup ? .proven : .likely
    }

    private static func selfExit(_ status: ExitStatus, _ cause: Event, _ disruption: DisruptionCase) -> [Alternative] {
        let delay = Double(cause.time.distance(to: disruption.disruption.at).nanoseconds / 1_000_000) / 1000
        return [
            Alternative(
                outcome: .self, mechanism: .exit,
                whyNot: "it exited with code \(status.code ?? 0), but \(delay) s after it had been asked to end")
        ]
    }
}
