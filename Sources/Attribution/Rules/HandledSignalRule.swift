import EventModel
import IncidentDetection
import ProcessTracking

/// A process asked the subject to end; the subject handles that signal, and then exited by itself.
enum HandledSignalRule: Rule {
    static let id = "signal.handled-then-exit"

    /// An exit as prompt as that needs no other explanation.
    private static let prompt = Interval.seconds(5)
    /// A service may take its time to stop; what takes longer is hardly the answer.
    private static let patience = Interval.seconds(90)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, status.signal == nil else { return nil }
        let asked = disruption.signalsAskingToEnd
        guard let cause = asked.first, let confidence = confidence(asked, status, disruption) else { return nil }
        return Finding(
            rule: id, mechanism: .signal, actor: cause.event.process, actedAt: cause.event.time,
            confidence: confidence,
            act: "sent \(cause.signal.signal.name) to \(disruption.subject.name), which handled it and exited",
            evidence: [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: selfExit(status, cause.event, disruption))
    }

    /// Nil where the exit is more likely to have a reason of its own: it came late and with a code that is not the one of
    /// a requested end, or the signal was SIGHUP, which to most daemons means "read your configuration again".
    private static func confidence(
        _ asked: [(event: Event, signal: SignalSent)], _ status: ExitStatus, _ disruption: DisruptionCase
    ) -> Confidence? {
        guard let cause = asked.first else { return nil }
        let delay = cause.event.time.distance(to: disruption.disruption.at)
        let isPrompt = delay <= prompt
        let isRequested = status.isSuccess || status.code == 128 + cause.signal.signal.rawValue
        guard delay <= patience, isPrompt || isRequested else { return nil }
        if cause.signal.signal == .hangup { return isPrompt && isRequested ? .likely : nil }
        if cause.signal.origin == .outside { return Confidence.none }
        guard Set(asked.map(\.event.process)).count == 1 else { return .possible }
        return isPrompt && isRequested ? .proven : .likely
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

extension DisruptionCase {
    /// Signals from other processes that ask a program to end, and that the subject has a handler for.
    var signalsAskingToEnd: [(event: Event, signal: SignalSent)] {
        signalsToVictim.filter {
            $0.signal.signal.asksToEnd && $0.signal.disposition == .handler && $0.signal.tookEffect
                && $0.signal.origin.hasSender && $0.event.process != victim
        }
    }
}
