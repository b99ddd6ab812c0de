import EventModel
import IncidentDetection

/// The manager ran a job that stopped the subject, and nobody was seen asking it to. Says so, and names nobody.
enum UnaskedStopRule: Rule {
    static let id = "manager.stop-unexplained"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard !disruption.hadNoProcess, let stop = disruption.unitStop, let job = stop.job,
            !disruption.endedOtherwise(before: stop)
        else { return nil }
        return Finding(
            rule: id, mechanism: .managerRequest, actor: nil, confidence: .none,
            act: "the manager stopped \(disruption.subject.name) for job \(job); \(disruption.whyNobodyAsked)",
            evidence: stop.evidence + [.end(of: disruption)])
    }
}

extension DisruptionCase {
    /// A start that failed before anything of it ran, and of nothing that ran before it is known: nothing was stopped.
    var hadNoProcess: Bool {
        disruption.kind == .failedToStart && victim == nil && disruption.systemd?.run?.main == nil
    }

    /// Why it cannot be said who asked.
    var whyNobodyAsked: String {
        guard seesManagerCalls else {
            return "who asked it to was not recorded, as calls to the manager are not seen here"
        }
        if beganTooLate || !blindGaps.isEmpty {
            return "who asked it to was not recorded: there is a gap in what was seen"
        }
        return "no process was seen asking it to"
    }
}
