import EventModel
import IncidentDetection
import ProcessTracking

/// From a case to an incident: the rules in order of what they can prove, the first that applies wins.
public enum Judge {
    private static var rules: [any Rule.Type] {
        [
            LoweredLimitRule.self, OOMKillRule.self, UserspaceOOMRule.self, StoppedThenWatchdogRule.self,
            FrozenThenWatchdogRule.self, ContentionRule.self, WatchdogRule.self,
            KillRequestRule.self, PortConflictRule.self, SocketTakenOverRule.self, SocketHeldRule.self,
            FailedListenRule.self, HostShutdownRule.self, ScheduledRule.self, ManagerRequestRule.self,
            DependencyRule.self, UserManagerRule.self, FailedDependencyRule.self, ClientRule.self, LateStartRule.self,
            UnaskedStopRule.self,
            SignalRule.self, CrashRule.self, HandledSignalRule.self, UnitProcessRule.self, ExitRule.self,
            StartLimitRule.self, UnexplainedRule.self,
        ]
    }

    public static func judge(_ disruption: DisruptionCase) -> Incident {
        if var finding = finding(disruption) {
            MisleadingReading.note(disruption, &finding)
            StopTimeout.note(disruption, &finding)
            ShortOfMemory.note(disruption, &finding)
            HeldUp.note(disruption, &finding)
            StartTimeout.note(disruption, &finding)
            ChangedUnitFile.weaken(disruption, &finding)
            return incident(disruption, finding)
        }
        // UnexplainedRule always applies; this keeps the function total without a trap.
        return incident(
            disruption,
            Finding(rule: UnexplainedRule.id, mechanism: .unknown, actor: nil, confidence: .none, act: "", evidence: [])
        )
    }

    /// What the first rule that applies says.
    static func finding(_ disruption: DisruptionCase) -> Finding? {
        for rule in rules {
            if let finding = rule.examine(disruption) { return finding }
        }
        return nil
    }

    private static func incident(_ disruption: DisruptionCase, _ finding: Finding) -> Incident {
        let owner = finding.actor.map { disruption.owner(of: $0) }
        let abandoned =
            owner?.outcome == .agent && !finding.isSelf
            ? AbandonedSession(disruption, actor: finding.actor, at: finding.actedAt) : nil
        let story = Story(disruption, finding, owner, abandoned)
        var verdict = verdict(disruption, finding, owner, story)
        if let abandoned {
            verdict.summary += " " + abandoned.sentence(before: finding.actedAt ?? disruption.disruption.at)
            verdict.rules.append(AbandonedSession.rule)
        }
        return Incident(
            id: IncidentID.make(disruption), fingerprint: IncidentID.fingerprint(disruption.subject, verdict),
            host: disruption.host, wallOffset: disruption.wallOffset, subject: disruption.subject,
            disruption: disruption.disruption, verdict: verdict, evidence: story.evidence, timeline: story.timeline,
            oom: finding.oom, pressure: PressureRecord.around(disruption, finding.mechanism),
            completeness: Completeness(
                lostEvents: disruption.lostEvents, gaps: disruption.allGaps, sources: disruption.sources))
    }

    private static func verdict(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ story: Story
    ) -> Verdict {
        let outcome: Outcome = finding.isSelf ? .self : owner?.outcome ?? .unknown
        let markers = MarkerEvidence.of(disruption, finding, owner)
        let culprit = finding.actor.map {
            disruption.culprit($0, at: finding.actedAt, owner: owner, isSelf: finding.isSelf)
        }
        return Verdict(
            outcome: outcome, mechanism: finding.mechanism,
            confidence: confidence(disruption, finding, owner, markers, outcome),
            summary: summary(disruption, finding, owner, markers, outcome),
            culprit: culprit, rules: rules(disruption, finding, owner, markers),
            alternatives: finding.alternatives + [markers?.alternative].compactMap { $0 },
            exonerated: outcome == .unknown
                ? [] : Exonerations.list(disruption, finding, culprit: owner, evidence: story.evidence))
    }

    /// Every thing that was not seen makes the verdict one step less sure.
    private static func confidence(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ markers: MarkerEvidence?,
        _ outcome: Outcome
    ) -> Confidence {
        guard outcome != .unknown else { return .none }
        return doubts(disruption, finding, owner, markers).reduce(finding.confidence) { confidence, _ in
            confidence.lowered
        }
    }

    /// Ids of what lowers the confidence, one step each.
    private static func doubts(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ markers: MarkerEvidence?
    ) -> [String] {
        var doubts: [String] = []
        if !disruption.blindGaps.isEmpty || finding.isUnseen(in: disruption) { doubts.append("confidence.gap") }
        if !disruption.missingSources(for: finding).isEmpty { doubts.append("confidence.missing-source") }
        if finding.isBackFilled || owner?.isBackFilled == true, !finding.isSelf {
            doubts.append("confidence.back-filled")
        }
        if let doubt = markers?.doubt { doubts.append(doubt) }
        return doubts
    }

    private static func rules(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ markers: MarkerEvidence?
    ) -> [String] {
        var rules = [finding.rule] + finding.furtherRules
        if let owner, !finding.isSelf {
            if !disruption.requests(in: owner.chain).isEmpty {
                rules.append(DisruptionCase.requestRule)
            }
            rules.append("tree.\(owner.outcome.rawValue)")
        }
        if finding.hasRival { rules.append("confidence.rival") }
        return rules + doubts(disruption, finding, owner, markers)
    }

    private static func summary(
        _ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ markers: MarkerEvidence?,
        _ outcome: Outcome
    ) -> String {
        let missing = outcome == .unknown ? [] : disruption.missingSources(for: finding)
        let doubt = missing.isEmpty ? "" : " Less sure by one step: \(missing.joined(separator: ", ")) did not record."
        return verdict(disruption, finding, owner, outcome)
            + [finding.note, markers?.note].compactMap { $0.map { " \($0)" } }.joined() + doubt
    }

    private static func verdict(
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
