public import Attribution
import EventModel
import IncidentDetection

/// The document `culprit.incident/v1`: every key is there, in the order of the contract; null where nothing is known.
public enum IncidentJSON {
    public static func document(_ incident: Incident) -> JSONValue {
        let times = WallClock(offset: incident.wallOffset)
        return [
            "schema": .string(Incident.schema),
            "id": .string(incident.id),
            "revision": JSONValue(incident.revision),
            "related": JSONValue(strings: incident.related),
            "fingerprint": .string(incident.fingerprint),
            "host": [
                "name": .string(incident.host.name), "machine_id": .string(incident.host.machineID),
                "boot_id": .string(incident.host.bootID), "kernel": .string(incident.host.kernel),
            ],
            "subject": subject(incident.subject),
            "disruption": disruption(incident.disruption, times),
            "verdict": verdict(incident.verdict, times),
            "evidence": .array(incident.evidence.map { evidence($0, times) }),
            "timeline": .array(incident.timeline.map { evidence($0, times) }),
            "oom": JSONValue(incident.oom.map { oom($0, times) }),
            "pressure": JSONValue(incident.pressure.map { pressure($0, times) }),
            "completeness": completeness(incident.completeness, times),
        ]
    }

    /// The array of `incidents list`, in the order given (the contract's is oldest first).
    public static func list(_ incidents: [IncidentSummary]) -> JSONValue {
        .array(incidents.map(summary))
    }

    public static func summary(_ incident: IncidentSummary) -> JSONValue {
        [
            "id": .string(incident.id),
            "fingerprint": .string(incident.fingerprint),
            "revision": JSONValue(incident.revision),
            "subject": subject(incident.subject),
            "disruption": disruption(incident.disruption, WallClock(offset: incident.wallOffset)),
            "verdict": [
                "outcome": .string(incident.outcome.rawValue), "mechanism": .string(incident.mechanism.rawValue),
                "confidence": .string(incident.confidence.rawValue), "summary": .string(incident.summary),
                "agent": JSONValue(incident.agent.map(agent)),
            ],
            "exports": [],
        ]
    }
}
