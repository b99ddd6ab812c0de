import EventModel
import IncidentDetection

/// The manager was asked by the machine's own housekeeping: a timer's service, cron, an upgrade's hook. No agent and no
/// person is behind that; where one is, the request is theirs.
enum ScheduledRule: Rule {
    static let id = "scheduled.requester"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard var finding = ManagerRequestRule.examine(disruption), let actor = finding.actor,
            disruption.owner(of: actor).isScheduled
        else { return nil }
        finding.furtherRules.insert(finding.rule, at: 0)
        finding.rule = id
        finding.mechanism = .scheduled
        return finding
    }
}
