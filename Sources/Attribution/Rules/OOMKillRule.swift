import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// The kernel's OOM killer chose the subject, or a process of it. Four answers: who was killed, whose allocation set it off,
/// whose tree held the memory, and why it was this victim. The tree is accused, where one clearly held more than all others.
enum OOMKillRule: Rule {
    static let id = "oom.mark-victim"
    /// Ids of what led to the hog.
    static let (hogRule, ownRule) = ("oom.hog", "oom.own")

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let kill = disruption.oomKill else { return nil }
        var finding = finding(of: kill, disruption)
        if finding.isSelf {
            LimitChange(before: kill, disruption)?.weaken(&finding, disruption)
        } else if let unit = disruption.limitedUnit(by: kill),
            let change = disruption.loweredLimit(of: unit, before: kill),
            LoweredLimitRule.reached(change, by: kill) != nil
        {
            change.weaken(&finding, unit, kill, disruption)
        }
        return finding
    }

    /// Who held the memory, whatever the limit had been before.
    static func finding(of kill: OOMKill, _ disruption: DisruptionCase) -> Finding {
        let shares = kill.shares(disruption)
        let hog = hog(kill, shares, disruption).less(sureFor: kill.doubts(disruption))
        let memory = MemoryFinding(
            disruption: disruption, shares: shares, hog: hog, resource: resource(kill),
            killer: "the kernel's OOM killer", victim: victim(kill, disruption))
        let choice = VictimChoice(kill, disruption)
        let held = Finding.Observation.held(by: kill.victim, before: kill.event.time, disruption)
        var finding = Finding(
            rule: id, furtherRules: hog.tree == nil ? [] : [memory.isSelf ? ownRule : hogRule], mechanism: .oomKill,
            actor: memory.actor, actedAt: kill.event.time, isSelf: memory.isSelf,
            confidence: kill.way == .gaveUp ? min(hog.confidence, .likely) : hog.confidence,
            act: memory.act + consequence(kill, disruption),
            evidence: [observation(kill, choice, disruption), held, memory.observation, .end(of: disruption)]
                .compactMap { $0 },
            alternatives: [triggerIsNoCulprit(kill, hog, disruption)].compactMap { $0 } + memory.alternatives)
        finding.note = note(kill, choice, hog, disruption)
        finding.suspects = memory.suspects
        finding.isOfKernel = true
        finding.remarksOnAgents = memory.remarks
        finding.remarkOnOtherAgents = memory.remarkOnOthers
        finding.oom = OOM(
            scope: scope(kill), limitBytes: kill.oom.scope.limit.map { $0.limitKiB &* 1024 },
            victim: disruption.describe(kill.victim, at: kill.event.time),
            trigger: kill.event.process.map { disruption.describe($0, at: kill.event.time) },
            hog: hog.tree.map { disruption.describe(memory.root(of: $0)) }, trees: memory.trees)
        return finding
    }

    private static func hog(_ kill: OOMKill, _ shares: MemoryShares?, _ disruption: DisruptionCase) -> Hog {
        guard let shares else { return .none("what each tree held was not recorded") }
        return own(kill, shares, disruption)
            ?? Hog.find(in: shares, killedAt: kill.event.time, disruption.resources)
    }

    /// Nobody but the subject was in the cgroup whose limit was reached, at least nobody of any size; and what is no
    /// process's there is its own, or the lesser part.
    private static func own(_ kill: OOMKill, _ shares: MemoryShares, _ disruption: DisruptionCase) -> Hog? {
        guard let limit = kill.oom.scope.limit, let tree = shares.trees.first, tree.key == .subject, tree.heldKiB > 0,
            shares.trees.dropFirst().reduce(0, { $0 + $1.mostKiB }) <= tree.certainKiB / 20
        else { return nil }
        let isItsUnit = disruption.subject.unit.map { $0.name == limit.name } ?? false
        guard isItsUnit || tree.certainKiB >= shares.usedKiB / 2 else { return nil }
        return Hog(tree: tree, confidence: .proven, remark: "")
    }

    private static func scope(_ kill: OOMKill) -> OOM.Scope? {
        switch kill.oom.scope {
        case .unknown: nil
        case .global: .global
        case .cgroup: .memcg
        }
    }

    private static func resource(_ kill: OOMKill) -> String {
        switch kill.oom.scope {
        case .unknown: "the memory"
        case .global: "the machine's memory"
        case .cgroup(let limit):
            "the \(Mebibytes(limit.limitKiB)) that cgroup \(limit.name.isEmpty ? "/" : limit.name) may have"
        }
    }

    private static func victim(_ kill: OOMKill, _ disruption: DisruptionCase) -> String {
        kill.way == .direct
            ? disruption.subject.name
            : "\(disruption.name(kill.victim, at: kill.event.time)) of \(disruption.subject.name)"
    }

    private static func consequence(_ kill: OOMKill, _ disruption: DisruptionCase) -> String {
        switch kill.way {
        case .direct: ""
        case .unit:
            "; the rest of \(disruption.subject.name) was then ended because of that (OOMPolicy=, memory.oom.group)"
        case .gaveUp: "; its main process then gave up by itself"
        }
    }

    private static func note(
        _ kill: OOMKill, _ choice: VictimChoice, _ hog: Hog, _ disruption: DisruptionCase
    ) -> String? {
        var sentences: [String] = []
        if hog.tree?.key != .subject, !choice.reason.isEmpty {
            sentences.append("It chose \(disruption.name(kill.victim, at: kill.event.time)): \(choice.reason).")
        }
        if hog.tree != nil, !hog.remark.isEmpty { sentences.append("Not certain: \(hog.remark).") }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    private static func observation(_ kill: OOMKill, _ choice: VictimChoice, _ disruption: DisruptionCase)
        -> Finding.Observation
    {
        let oom = kill.oom
        var data = choice.data
        data["anon_rss_kib"] = .integer(Int64(clamping: oom.anonymousKiB))
        data["file_rss_kib"] = .integer(Int64(clamping: oom.fileKiB))
        data["shmem_rss_kib"] = .integer(Int64(clamping: oom.sharedKiB))
        data["swap_kib"] = .integer(Int64(clamping: oom.swapKiB))
        data["total_vm_kib"] = .integer(Int64(clamping: oom.totalVMKiB))
        if let limit = oom.scope.limit {
            data["limit_kib"] = .integer(Int64(clamping: limit.limitKiB))
            data["usage_kib"] = .integer(Int64(clamping: limit.usageKiB))
            data["limit_cgroup"] = .text(limit.name)
        }
        return Finding.Observation(
            at: kill.event.time, source: kill.event.source, kind: "oom-victim",
            text: "OOM killer chose \(disruption.name(oom.victim, at: kill.event.time)), oom_score_adj "
                + "\(oom.oomScoreAdjustment); \(disruption.name(kill.event.process, at: kill.event.time)) was allocating",
            process: kill.event.process, data: data)
    }

    /// Unless its tree is the one that is accused.
    private static func triggerIsNoCulprit(_ kill: OOMKill, _ hog: Hog, _ disruption: DisruptionCase) -> Alternative? {
        guard let trigger = kill.event.process, trigger != kill.victim, trigger != disruption.victim else { return nil }
        let owner = disruption.owner(of: trigger)
        if let hog = hog.tree, owner.chain.first?.key == hog.owner.chain.first?.key, !owner.chain.isEmpty { return nil }
        return Alternative(
            outcome: owner.outcome, mechanism: .oomKill,
            whyNot:
                "\(disruption.name(trigger, at: kill.event.time)) set the killer off by allocating when nothing was "
                + "left; that does not say that it held the memory")
    }
}
