import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

/// The agents that were there and did not do it, each with the reason.
enum Exonerations {
    static func list(
        _ disruption: DisruptionCase, _ finding: Finding, culprit: TreeOwner?, evidence: [Evidence]
    ) -> [Exoneration] {
        guard !finding.clearsNobody else { return [] }
        let involved = involvedTags(disruption, finding, culprit)
        return disruption.agents.all.filter { !involved.contains($0.tag) && wasAlive($0, disruption) }.map {
            membership in
            Exoneration(
                agent: AgentDescription(
                    membership, sessionID: membership.sessions.inForce(at: disruption.disruption.at)),
                root: disruption.describe(membership.root),
                why: why(membership, disruption, finding), evidence: evidence.map(\.id))
        }
    }

    /// The actor's agent and those that own it are the culprit, not bystanders; of those who may have been it as well,
    /// it cannot be said that they did not do it.
    private static func involvedTags(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?) -> Set<
        Int32
    > {
        var processes = finding.suspects
        // Work that a manager did for an agent has no tag of its own.
        for owner in finding.suspects.map({ disruption.owner(of: $0) }) where owner.outcome == .agent {
            processes += owner.chain.map(\.key)
        }
        if let owner, !finding.isSelf {
            processes += owner.behind
            if owner.outcome == .agent { processes += [finding.actor].compactMap { $0 } + owner.chain.map(\.key) }
        }
        let tags = processes.compactMap { disruption.table[$0]?.tag }
        return Set(tags.flatMap { disruption.agents.chain(from: $0).map(\.tag) })
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
        let own = disruption.signalsToVictim.filter { isOf(membership, $0, disruption) }
        guard !own.isEmpty else {
            if let remark = aboutMemory(membership, disruption, finding) {
                return "\(remark); \(what(disruption, finding))"
            }
            let asked = aboutCalls(membership, disruption)
            return "\(asked ?? nothing(disruption)); \(what(disruption, finding))"
        }
        let sent = own.map(\.signal.signal.name).joined(separator: ", ")
        return "its tree sent \(sent), which was not what ended it; \(what(disruption, finding))"
    }

    private static func aboutMemory(
        _ membership: AgentRegistry.Membership, _ disruption: DisruptionCase, _ finding: Finding
    ) -> String? {
        let outermost = disruption.agents.chain(from: membership.tag).last?.root ?? membership.root
        return finding.remarksOnAgents[outermost] ?? finding.remarkOnOtherAgents
    }

    private static func nothing(_ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        guard disruption.subject.kind == .unit else {
            return "no process of its tree sent \(name) a signal" + (disruption.seesSignals ? "" : " that was recorded")
        }
        let isSeen = disruption.seesSignals && disruption.seesManagerCalls
        return "no process of its tree sent \(name) a signal or asked a manager for anything about it"
            + (isSeen ? "" : ", as far as was recorded")
    }

    /// Who was current while the kernel made a signal did nothing.
    private static func isOf(
        _ membership: AgentRegistry.Membership, _ sent: SignalEvent, _ disruption: DisruptionCase
    ) -> Bool {
        sent.signal.origin.hasSender && isOf(membership, sent.sender, disruption)
    }
}
