import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

/// The agents that were there and did not do it, each with the reason.
enum Exonerations {
    static func list(
        _ disruption: DisruptionCase, _ finding: Finding, culprit: TreeOwner?, evidence: [Evidence]
    ) -> [Exoneration] {
        let guilty = culpritTags(disruption, finding, culprit)
        return disruption.agents.all.filter { !guilty.contains($0.tag) && wasAlive($0, disruption) }.map { membership in
            Exoneration(
                agent: AgentDescription(membership), root: disruption.describe(membership.root),
                why: why(membership, disruption, finding), evidence: evidence.map(\.id))
        }
    }

    /// The actor's agent and those that own it are the culprit, not bystanders.
    private static func culpritTags(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?) -> Set<Int32>
    {
        guard owner?.outcome == .agent, !finding.isSelf, let actor = finding.actor,
            let tag = disruption.table[actor]?.tag
        else {
            return []
        }
        return Set(disruption.agents.chain(from: tag).map(\.tag))
    }

    private static func wasAlive(_ membership: AgentRegistry.Membership, _ disruption: DisruptionCase) -> Bool {
        guard membership.since <= disruption.detected.settledAt else { return false }
        guard let left = disruption.table.census.lastLeft(membership.tag) else {
            return disruption.table.census.living(membership.tag) > 0
        }
        return left >= disruption.windowStart
    }

    /// Who did it instead, and what.
    private static func what(_ disruption: DisruptionCase, _ finding: Finding) -> String {
        guard let actor = finding.actor, !finding.isSelf else { return finding.act }
        return "it was \(disruption.name(actor, at: finding.actedAt)) that \(finding.act)"
    }

    private static func why(
        _ membership: AgentRegistry.Membership, _ disruption: DisruptionCase, _ finding: Finding
    ) -> String {
        let own = disruption.signalsToVictim.filter {
            disruption.table[$0.event.process ?? $0.signal.target]?.tag == membership.tag
        }
        guard !own.isEmpty else {
            return "no process of its tree sent \(disruption.subject.name) a signal; \(what(disruption, finding))"
        }
        return
            "its tree sent \(own.map(\.signal.signal.name).joined(separator: ", ")), which was not what ended it; \(what(disruption, finding))"
    }
}
