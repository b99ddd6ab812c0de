import EventModel
import IncidentDetection
import UnitTracking

// What the manager and the unit itself said around the disruption, between what the kernel showed.
extension Story {
    /// Most lines of the journal; those nearest to the disruption.
    private static let mostLines = 60
    /// A file of the unit that was changed so long before is told of.
    private static let changedWithin = Interval.seconds(600)

    static func unitContext(_ disruption: DisruptionCase) -> [Finding.Observation] {
        guard let unit = disruption.subject.unit else { return [] }
        let changes = disruption.unitHistory?.fileChanges.filter {
            $0.at <= disruption.detected.settledAt && $0.at + changedWithin >= disruption.disruption.at
        }
        let context =
            disruption.events.compactMap { observation($0, of: unit) }
            + (changes ?? []).map { .fileChange($0, disruption) }
        let at = disruption.disruption.at
        let nearest = context.indices.sorted {
            (context[$0].at.distance(to: at), $0) < (context[$1].at.distance(to: at), $1)
        }
        return nearest.prefix(mostLines).sorted().map { context[$0] }
    }

    private static func observation(_ event: Event, of unit: UnitID) -> Finding.Observation? {
        switch event.body {
        case .journal(let entry) where entry.unit == unit: line(entry, event)
        case .job(let change) where change.unit == unit: job(change, event)
        default: nil
        }
    }

    private static func line(_ entry: JournalEntry, _ event: Event) -> Finding.Observation {
        var data: [String: Evidence.Value] = [:]
        if let id = entry.messageID { data["message_id"] = .text(id) }
        if let invocation = entry.invocation { data["invocation"] = .text(invocation) }
        for name in ["JOB_ID", "JOB_TYPE", "JOB_RESULT", "N_RESTARTS", "EXIT_CODE", "EXIT_STATUS", "UNIT_RESULT"] {
            if let value = entry[name] { data[name.lowercased()] = .text(value) }
        }
        return Finding.Observation(
            at: event.time, source: event.source, kind: "journal",
            text: "\(entry.identifier ?? "?"): \(entry.message)", data: data)
    }

    private static func job(_ change: JobChange, _ event: Event) -> Finding.Observation {
        var data: [String: Evidence.Value] = ["job_id": .integer(Int64(change.id))]
        let type = change.type ?? "unknown"
        data["job_type"] = .text(type)
        let text: String
        switch change.step {
        case .queued: text = "\(type) job \(change.id) of \(change.unit.name) is queued"
        case .removed(let result):
            data["job_result"] = .text(result)
            text = "\(type) job \(change.id) of \(change.unit.name): \(result)"
        }
        return Finding.Observation(at: event.time, source: event.source, kind: "job", text: text, data: data)
    }
}
