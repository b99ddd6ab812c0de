import EventModel
import IncidentDetection

/// Somebody had the manager freeze the subject, so that it could not answer in time, and the manager ended it.
enum FrozenThenWatchdogRule: Rule {
    static let id = "manager-request.frozen-then-watchdog"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, let unit = disruption.unit else { return nil }
        let calls = disruption.calls.all.filter {
            $0.names(unit) && $0.at <= overdue.at && !$0.isRefused
                && ($0.request.verb == .freeze || $0.request.verb == .thaw)
        }
        guard let freeze = calls.last, freeze.request.verb == .freeze, freeze.caller != nil else { return nil }
        return Finding(
            rule: id, mechanism: .managerRequest, actor: freeze.caller, actedAt: freeze.at,
            confidence: freeze.answer == .done && overdue.isStated ? .proven : .likely,
            act: "\(freeze.deed), which then could not \(overdue.failing), and the manager ended it",
            evidence: [.call(freeze, disruption)] + overdue.evidence + [.end(of: disruption)])
    }
}
