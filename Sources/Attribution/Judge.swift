import EventModel
import IncidentDetection
import ProcessTracking

/// From a case to an incident: the rules in order of what they can prove, the first that applies wins.
public enum Judge {
    private static var rules: [any Rule.Type] {
        [
            OOMKillRule.self, SignalRule.self, CrashRule.self, HandledSignalRule.self, ExitRule.self,
            UnexplainedRule.self,
        ]
    }

    public static func judge(_ disruption: DisruptionCase) -> Incident {
        for rule in rules {
            if let finding = rule.examine(disruption) { return incident(disruption, finding) }
        }
        // UnexplainedRule always applies; this keeps the function total without a trap.
        return incident(
            disruption,
            Finding(rule: UnexplainedRule.id, mechanism: .unknown, actor: nil, confidence: .none, act: "", evidence: [])
        )
    }

    private static func incident(_ disruption: DisruptionCase, _ finding: Finding) -> Incident {
        let owner = finding.actor.map { disruption.owner(of: $0) }
        let story = Story(disruption, finding, owner)
        let verdict = verdict(disruption, finding, owner, story)
        return Incident(
            id: IncidentID.make(disruption), fingerprint: IncidentID.fingerprint(disruption.subject, verdict),
            host: disruption.host, wallOffset: disruption.wallOffset, subject: disruption.subject,
            disruption: disruption.disruption, verdict: verdict, evidence: story.evidence, timeline: story.timeline,
            oom: finding.oom,
            completeness: Completeness(
                lostEvents: disruption.lostEvents, gaps: disruption.allGaps, sources: disruption.sources))
    }

    private static func verdict(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ story: Story
    ) -> Verdict {
        let outcome: Outcome = finding.isSelf ? .self : owner?.outcome ?? .unknown
        let culprit = culprit(disruption, finding, owner)
        return Verdict(
            outcome: outcome, mechanism: finding.mechanism,
            confidence: confidence(disruption, finding, owner, outcome),
            summary: summary(disruption, finding, owner, outcome),
            culprit: culprit, rules: rules(disruption, finding, owner), alternatives: finding.alternatives,
            exonerated: outcome == .unknown
                ? [] : Exonerations.list(disruption, finding, culprit: owner, evidence: story.evidence))
    }

    private static func culprit(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?) -> Culprit? {
        guard let actor = finding.actor else { return nil }
        let chain = disruption.describe(chain: owner?.chain ?? [], actingAt: finding.actedAt)
        let described = disruption.describe(actor, at: finding.actedAt)
        return Culprit(
            agent: finding.isSelf ? nil : owner?.agent, root: chain.first ?? described, actor: described,
            chain: chain.isEmpty ? [described] : chain)
    }

    /// Every thing that was not seen makes the verdict one step less sure.
    private static func confidence(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ outcome: Outcome
    ) -> Confidence {
        guard outcome != .unknown else { return .none }
        var confidence = finding.confidence
        if !disruption.gaps.isEmpty || finding.isUnseen(in: disruption) { confidence = confidence.lowered }
        if owner?.isBackFilled == true, !finding.isSelf { confidence = confidence.lowered }
        return confidence
    }

    private static func rules(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?) -> [String] {
        var rules = [finding.rule] + finding.furtherRules
        if let owner, !finding.isSelf { rules.append("tree.\(owner.outcome.rawValue)") }
        if !disruption.gaps.isEmpty || finding.isUnseen(in: disruption) { rules.append("confidence.gap") }
        if owner?.isBackFilled == true, !finding.isSelf { rules.append("confidence.back-filled") }
        return rules
    }

    private static func summary(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ outcome: Outcome
    ) -> String {
        guard let actor = finding.actor, !finding.isSelf else { return finding.act + "." }
        let who = disruption.name(actor, at: finding.actedAt)
        if outcome == .agent, let agent = owner?.agent {
            let root = owner?.agentRoot.map { " (pid \($0.pid))" } ?? ""
            return "\(agent.name)\(root) did it: \(who), in its tree, \(finding.act)."
        }
        return "\(who) \(finding.act); \(owner?.phrase ?? "its tree is not known")."
    }
}
