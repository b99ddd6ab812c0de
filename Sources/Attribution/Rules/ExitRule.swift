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
        return Finding(
            rule: id, mechanism: .exit, actor: disruption.victim, isSelf: true, confidence: .proven,
            act:
                "\(disruption.subject.name) exited by itself with code \(code); no process had sent it a signal that asks it to",
            evidence: [.end(of: disruption)])
    }
}
