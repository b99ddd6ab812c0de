import EventModel
import IncidentDetection
import ProcessTracking

/// The subject exited by itself: an exit code, and nobody's signal asked for it.
enum ExitRule: Rule {
    static let id = "exit.own"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, let code = status.code, disruption.seesSignals else {
            return nil
        }
        let asked = disruption.signalsAskingToEnd
        return Finding(
            rule: id, mechanism: .exit, actor: disruption.victim, isSelf: true,
            confidence: asked.isEmpty ? .proven : .likely,
            act: "\(disruption.subject.name) exited by itself with code \(code); \(signals(asked, disruption))",
            evidence: [.end(of: disruption)] + asked.prefix(8).map { .signal($0.event, $0.signal, disruption) })
    }

    private static func signals(
        _ asked: [(event: Event, signal: SignalSent)], _ disruption: DisruptionCase
    ) -> String {
        guard let first = asked.first else { return "no process had sent it a signal that asks it to" }
        let delay = first.event.time.distance(to: disruption.disruption.at).nanoseconds / 1_000_000_000
        return "\(disruption.name(first.event.process, at: first.event.time)) had sent it \(first.signal.signal.name) "
            + "\(delay) s before, which it handled and outlived"
    }
}
