import EventModel
import IncidentDetection

/// The manager's watchdog ended the subject, and nobody had stopped it: it hung by itself. That nothing on the host kept
/// it from running can only be said where pressure is measured.
enum WatchdogRule: Rule {
    static let id = "watchdog.own"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let watchdog = disruption.watchdog, let victim = disruption.victim, !disruption.endedBeforeRecording
        else { return nil }
        let waited = watchdog.interval.map { " for \(Int($0.seconds)) s" } ?? ""
        let isWindowLongEnough = watchdog.interval.map { $0 < DisruptionCase.window } ?? false
        let isCertain = disruption.isActive("psi") && isWindowLongEnough && disruption.seesSignals && watchdog.isStated
        return Finding(
            rule: id, mechanism: .watchdog, actor: victim, actedAt: watchdog.at, isSelf: true,
            confidence: isCertain ? .proven : .likely, restsOnSilence: true,
            act: "\(disruption.subject.name) did not answer its watchdog\(waited), so the manager ended it; "
                + "no process was seen stopping it",
            evidence: watchdog.evidence + [.end(of: disruption)],
            alternatives: disruption.isActive("psi")
                ? []
                : [
                    Alternative(
                        outcome: .unknown, mechanism: .resourceContention,
                        whyNot: "pressure was not measured; that something kept it from running cannot be ruled out")
                ])
    }
}
