import EventModel
import IncidentDetection

/// A start was not done in the time that the manager gives it (TimeoutStartSec=), and nothing that was asked for, held or
/// sent explains why: it had to wait for what another tree used, or it hung by itself.
enum LateStartRule: Rule {
    static let id = "start-timeout.own"
    private static let contention = "start-timeout.contention"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, overdue.kind == .start else { return nil }
        return ContentionRule.finding(disruption, overdue, as: contention)
            ?? WatchdogRule.finding(disruption, overdue, as: id)
    }
}
