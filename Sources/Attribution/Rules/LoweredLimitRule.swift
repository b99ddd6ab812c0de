import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// The kernel's OOM killer ended the subject at a limit of its own, or of a slice that it is in, that somebody had lowered:
/// whoever lowered it did it. Who held the memory is said as well.
enum LoweredLimitRule: Rule {
    static let id = "config.lowered-limit"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let kill = disruption.oomKill, let unit = disruption.limitedUnit(by: kill),
            let change = disruption.loweredLimit(of: unit, before: kill),
            let isReached = reached(change, by: kill)
        else { return nil }
        let oom = OOMKillRule.finding(of: kill, disruption)
        let holder = change.holder(in: oom, unit, disruption)
        // Who filled it since then is judged by OOMKillRule.
        guard holder != .another || change.isAtOnce(kill) else { return nil }
        var finding = oom
        finding.rule = id
        // It rests on what the manager was asked.
        finding.isOfKernel = false
        finding.furtherRules = [OOMKillRule.id]
        finding.mechanism = .configChange
        finding.isSelf = false
        finding.actor = change.changer
        finding.actedAt = change.changedAt
        // What was lived with for a while may have been filled by a leak.
        let isCertain = isReached && holder == .subject && change.isRecent(kill) && !kill.isInferred
        let most: Confidence = isCertain ? .proven : .likely
        finding.confidence = change.changer == nil ? .none : min(change.confidence, most)
        finding.act = act(change, unit, kill, disruption)
        finding.evidence = change.evidence + [observation(change, unit, kill)] + oom.evidence
        finding.suspects = change.rivals + (holder == .unknown ? oom.suspects : oom.actor.map { [$0] } ?? [])
        remark(on: change.bystanders, unit, &finding, disruption)
        finding.alternatives =
            alternatives(change, disruption) + [
                Alternative(
                    outcome: oom.isSelf ? .self : .unknown, mechanism: .oomKill,
                    whyNot: "the memory was in use, but the limit that it ran into was lowered before")
            ]
        return finding
    }

    /// Of agents that changed another thing of the unit.
    private static func remark(
        on writers: [ProcessKey], _ unit: UnitID, _ finding: inout Finding, _ disruption: DisruptionCase
    ) {
        for tag in Set(writers.compactMap { disruption.table[$0]?.tag }) where tag != 0 {
            guard let root = disruption.agents.chain(from: tag).last?.root else { continue }
            finding.remarksOnAgents[root] =
                "what its tree changed of \(unit.name)'s files left the memory limit as it was"
        }
    }

    /// Whether the limit that was reached is that one, to the page; nil where it was another.
    static func reached(_ change: LoweredLimit, by kill: OOMKill) -> Bool? {
        switch kill.oom.scope {
        case .cgroup(let limit):
            guard let to = change.limit.to else { return nil }
            return LoweredLimit.isSame(limit.bytes, to) ? true : nil
        case .global: return nil
        case .unknown: return false
        }
    }

    private static func act(
        _ change: LoweredLimit, _ unit: UnitID, _ kill: OOMKill, _ disruption: DisruptionCase
    ) -> String {
        let name = disruption.subject.name
        let isOwn = unit == disruption.unit
        let whose = isOwn ? name : "\(unit.name), which \(name) is in,"
        let what =
            "the memory limit of \(whose) \(change.course), and the kernel's OOM killer ended "
            + "\(isOwn ? "it" : name) at that limit\(change.later(kill))"
        return change.changer == nil ? "\(what); \(change.deed)" : "\(change.deed); \(what)"
    }

    private static func observation(
        _ change: LoweredLimit, _ unit: UnitID, _ kill: OOMKill
    ) -> Finding.Observation {
        var data: [String: Evidence.Value] = [:]
        if let from = change.limit.from { data["memory_max_before"] = .integer(Int64(clamping: from)) }
        if let to = change.limit.to { data["memory_max"] = .integer(Int64(clamping: to)) }
        // Where the manager had not told of it yet, the kernel's own word is what there is.
        let isOfKill = kill.event.time == change.limit.at
        return Finding.Observation(
            at: change.limit.at, source: isOfKill ? .bpf : .systemd, kind: "limit",
            text: "MemoryMax= of \(unit.name): \(LoweredLimit.text(change.limit.from)) before, "
                + "\(LoweredLimit.text(change.limit.to)) "
                + (isOfKill ? "when it was reached" : "now"),
            data: data)
    }

    private static func alternatives(_ change: LoweredLimit, _ disruption: DisruptionCase) -> [Alternative] {
        change.rivals.prefix(4).map { rival in
            disruption.alternative(
                rival, "\(disruption.name(rival)) had the manager read its files again, or changed one as well",
                .configChange)
        }
    }
}
