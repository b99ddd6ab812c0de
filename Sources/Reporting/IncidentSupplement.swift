public import Attribution
import EventModel
import IncidentDetection

/// What a report shows and a search asks for, and `culprit.incident/v1` has no place for. Kept beside the document, so
/// that what is read back is shown as it was when it was judged.
public enum IncidentSupplement {
    public static func make(_ incident: Incident) -> JSONValue {
        [
            "pids": .array(pids(incident).map { .integer(Int64($0)) }), "names": JSONValue(strings: names(incident)),
            "gaps_lost": .array(incident.completeness.gaps.map { .unsigned($0.lost) }),
        ]
    }

    /// The processes that the incident is about, each once, in order.
    public static func pids(_ incident: Incident) -> [Int32] {
        var pids: [Int32] = []
        for process in processes(incident) where !pids.contains(process.pid) { pids.append(process.pid) }
        return pids
    }

    /// The names that the processes of a unit had which ended.
    public static func names(_ incident: Incident) -> [String] {
        guard incident.disruption.systemd != nil else { return [] }
        let processes = processes(incident)
        var names: [String] = []
        for entry in incident.timeline where entry.kind == "exit" {
            guard let process = entry.process, processes.contains(process.key), !names.contains(process.comm) else {
                continue
            }
            names.append(process.comm)
        }
        return names
    }

    private static func processes(_ incident: Incident) -> [ProcessKey] {
        let facts = incident.disruption.systemd
        return [incident.disruption.mainBefore, facts?.failedStart?.main].compactMap { $0 }
            + (facts?.workers.map(\.process) ?? [])
    }

    /// Completes an incident that was read from its document. What is not there, or makes no sense, stays as it is.
    static func complete(_ incident: inout Incident, from supplement: JSONValue) {
        let lost = supplement["gaps_lost"]?.items ?? []
        for (index, lost) in zip(incident.completeness.gaps.indices, lost) {
            incident.completeness.gaps[index].lost = lost.number() ?? 0
        }
    }
}
