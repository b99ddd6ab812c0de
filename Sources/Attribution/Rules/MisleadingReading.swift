import EventModel
import IncidentDetection

/// What `systemctl show` says of a unit that came back by itself reads like a clean stop that somebody asked for. This
/// names no culprit: it adds to a finding why that reading is wrong.
enum MisleadingReading {
    static let id = "reading.automatic-restart"

    static func note(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard let facts = disruption.disruption.systemd, facts.wasAutomatic, facts.stoppingAt == nil,
            facts.resultNow == "success" || facts.jobType != nil || restartJob(disruption) != nil
        else { return }
        let name = disruption.subject.name
        let count = facts.restarts.map { ", NRestarts=\($0)" } ?? ""
        let shown = "Result=\(facts.resultNow ?? "success")\(count)"
        finding.furtherRules.append(id)
        let note = "\(shown) does not say that it was stopped cleanly or that anybody asked: \(why(facts))."
        finding.add(note: note)
        finding.alternatives.append(
            Alternative(
                outcome: .unknown, mechanism: .managerRequest,
                whyNot:
                    "\(shown) looks as if \(name) had been stopped cleanly on request; but Result= is of the run that "
                    + "followed and is reset at every start, and a restart that is asked for sets NRestarts to 0"
                    + (restartJob(disruption).map { ". Restart job \($0) is the automatic restart's own" } ?? "")))
    }

    private static func why(_ facts: UnitFacts) -> String {
        let restart = "the manager restarted it by itself"
        switch facts.restartPolicy {
        case "on-failure": return "\(restart), and with Restart=on-failure it does so only after an unclean end"
        case "on-abnormal", "on-abort", "on-watchdog":
            return "\(restart), and with Restart=\(facts.restartPolicy ?? "") it does so only after an abnormal end"
        case let policy?: return "\(restart) (Restart=\(policy)), and Result= is of the run that followed"
        case nil: return "\(restart), and Result= is of the run that followed"
        }
    }

    /// Up to systemd 253 an automatic restart runs a restart job as well.
    private static func restartJob(_ disruption: DisruptionCase) -> UInt32? {
        guard let unit = disruption.unit else { return nil }
        return disruption.jobs[unit].first { $0.type == "restart" && $0.knownAt >= disruption.disruption.at }?.id
    }
}
