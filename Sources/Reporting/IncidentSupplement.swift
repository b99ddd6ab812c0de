public import Attribution
import EventModel
import IncidentDetection

/// What a report shows and a search asks for, and `culprit.incident/v1` has no place for. Kept beside the document, so
/// that what is read back is shown as it was when it was judged.
public enum IncidentSupplement {
    public static func make(_ incident: Incident) -> JSONValue {
        let facts = incident.disruption.systemd
        return [
            "pids": .array(pids(incident).map { .integer(Int64($0)) }), "names": JSONValue(strings: names(incident)),
            "gaps_lost": .array(incident.completeness.gaps.map { .unsigned($0.lost) }),
            "unit": JSONValue(facts.map(unit)),
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

    private static func unit(_ facts: UnitFacts) -> JSONValue {
        [
            "result_now": JSONValue(facts.resultNow), "restarts_before": JSONValue(facts.restartsBefore),
            "was_automatic": .flag(facts.wasAutomatic), "failed_starts": JSONValue(facts.failedStarts),
            "failed_start": .flag(facts.failedStart != nil),
            "failed_start_pid": JSONValue(facts.failedStart?.main?.pid),
            "run": .flag(facts.run != nil), "run_pid": JSONValue(facts.run?.main?.pid),
            "workers": .array(facts.workers.map { .integer(Int64($0.process.pid)) }),
        ]
    }

    /// Completes an incident that was read from its document. What is not there, or makes no sense, stays as it is.
    static func complete(_ incident: inout Incident, from supplement: JSONValue) {
        let lost = supplement["gaps_lost"]?.items ?? []
        for (index, lost) in zip(incident.completeness.gaps.indices, lost) {
            incident.completeness.gaps[index].lost = lost.number() ?? 0
        }
        guard let unit = supplement["unit"], var facts = incident.disruption.systemd else { return }
        let at = incident.disruption.at
        facts.resultNow = unit["result_now"]?.text
        facts.restartsBefore = unit["restarts_before"]?.number()
        facts.wasAutomatic = unit["was_automatic"]?.flag ?? false
        facts.failedStarts = unit["failed_starts"]?.number() ?? 0
        if unit["failed_start"]?.flag == true {
            facts.failedStart = UnitFacts.FailedStart(at: at, main: process(unit["failed_start_pid"]))
        }
        if unit["run"]?.flag == true {
            facts.run = UnitFacts.Run(invocation: nil, main: process(unit["run_pid"]), endedAt: at, status: nil)
        }
        facts.workers = (unit["workers"]?.items ?? []).compactMap { worker in
            process(worker).map {
                UnitFacts.Worker(process: $0, at: at, status: incident.disruption.status ?? .code(0))
            }
        }
        incident.disruption.systemd = facts
    }

    private static func process(_ pid: JSONValue?) -> ProcessKey? {
        pid?.number(Int32.self).map { ProcessKey(pid: $0, start: .zero) }
    }
}
