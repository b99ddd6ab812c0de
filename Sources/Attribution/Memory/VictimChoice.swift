import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// Why the OOM killer took this process and no other: what it held, and its oom_score_adj with where that came from.
struct VictimChoice {
    /// A clause for a sentence: `its oom_score_adj 200, ...`; empty where the size alone explains it.
    var reason: String
    var data: [String: Evidence.Value] = [:]

    init(_ kill: OOMKill, _ disruption: DisruptionCase) {
        let entries = kill.table(disruption).map { kill.candidates(of: $0, disruption) } ?? []
        let totalKiB =
            kill.oom.scope.limit?.limitKiB ?? disruption.resources.host(at: kill.event.time)?.sample.amounts?.total
        let adjustment = Int64(kill.oom.oomScoreAdjustment)
        data["oom_score_adj"] = .integer(adjustment)
        let origin = Self.origin(of: adjustment, kill.victim, disruption)
        if !origin.isEmpty { data["oom_score_adj_from"] = .text(origin) }
        let held = kill.oom.residentKiB &+ kill.oom.swapKiB &+ kill.oom.pageTableKiB
        let largest = entries.filter { $0.process != kill.victim }.max { $0.badnessKiB < $1.badnessKiB }
        if let totalKiB {
            data["score_kib"] = .integer(Self.score(held, adjustment, totalKiB))
            if let largest {
                data["next_score_kib"] = .integer(
                    Self.score(largest.badnessKiB, Int64(largest.oomScoreAdjustment), totalKiB))
            }
        }
        let setting = "\(adjustment)\(origin.isEmpty ? "" : " (\(origin))")"
        guard let largest, largest.badnessKiB > held else {
            reason = Self.reason(adjustment, setting, isLargest: largest != nil)
            return
        }
        let other =
            "though \(disruption.name(largest.process)) held \(Mebibytes(largest.badnessKiB)) and it \(Mebibytes(held))"
        reason =
            adjustment > Int64(largest.oomScoreAdjustment) ? "its oom_score_adj is \(setting), \(other)" : other
    }

    /// Nobody held more, as far as is known. What lowers its score is no reason to take it.
    private static func reason(_ adjustment: Int64, _ setting: String, isLargest: Bool) -> String {
        if adjustment == 0 { return "" }
        if adjustment > 0 { return "oom_score_adj \(setting)" }
        return isLargest
            ? "it held the most, in spite of oom_score_adj \(setting)" : "in spite of oom_score_adj \(setting)"
    }

    /// As the kernel weighs it (oom_badness): what it holds, and a thousandth of what there is for each step.
    private static func score(_ heldKiB: UInt64, _ adjustment: Int64, _ totalKiB: UInt64) -> Int64 {
        let (step, overflow) = adjustment.multipliedReportingOverflow(by: Int64(clamping: totalKiB / 1000))
        let (score, overflows) = Int64(clamping: heldKiB).addingReportingOverflow(overflow ? 0 : step)
        return overflow || overflows ? .max : score
    }

    /// Where the setting comes from, as far as it can be told.
    private static func origin(of adjustment: Int64, _ victim: ProcessKey, _ disruption: DisruptionCase) -> String {
        guard adjustment != 0 else { return "" }
        let unit = disruption.units.unit(of: victim, processes: disruption.table, cgroups: disruption.cgroups)
        if let unit, let set = disruption.units[unit]?.state?.oomScoreAdjustment, Int64(set) == adjustment {
            guard unit.manager != .system, adjustment == 200 else { return "OOMScoreAdjust= of \(unit.name)" }
            return "what a user's manager gives to its services unless they say otherwise"
        }
        if unit?.manager.uid != nil, adjustment == 200 {
            return "what a user's manager gives to its services unless they say otherwise"
        }
        return "inherited, or written by itself or by whoever may"
    }
}
