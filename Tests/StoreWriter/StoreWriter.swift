import Attribution
import EventModel
import Glibc
import IncidentDetection
import IncidentStore

/// `store-writer FILE`: writes one incident after the other and says the id of each once it is stored, until it is killed.
@main enum StoreWriter {
    static func main() throws {
        guard let path = CommandLine.arguments.dropFirst().first else { exit(64) }
        let store = try IncidentStore(path: path, keep: 1000)
        for number in 1... {
            let incident = sample(number)
            try store.insert(incident)
            let line = incident.id + "\n"
            guard write(STDOUT_FILENO, line, line.utf8.count) == line.utf8.count else { exit(74) }
        }
    }

    private static func sample(_ number: Int) -> StoredIncident {
        let host = Host(
            name: "h", machineID: "", bootID: "b", kernel: "6", wallOffset: WallOffset(nanoseconds: 0),
            collector: ProcessKey(pid: 9, start: .zero), version: "1")
        let incident = Incident(
            id: "i\(number)", fingerprint: "f", host: host, wallOffset: host.wallOffset,
            subject: Subject(kind: .process, name: "web"),
            disruption: Disruption(kind: .killed, at: BootTime(nanoseconds: UInt64(number))),
            verdict: Verdict(
                outcome: .unknown, mechanism: .unknown, confidence: .none, summary: "", culprit: nil, rules: []),
            evidence: [], timeline: [], completeness: Completeness(lostEvents: 0, gaps: [], sources: []))
        // A document of many pages, so that being killed in the middle of one is likely.
        return StoredIncident(
            incident, summary: "{\"n\":\(number)}", supplement: "null",
            document: String(repeating: "\(number) ", count: 20_000))
    }
}
