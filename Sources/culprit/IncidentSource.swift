import Attribution
import Collector
import ControlSocket
import Daemon
import EventModel
import IncidentDetection
import IncidentStore
import Reporting

/// Incidents, wherever they are: in a recording, with the daemon, or in the store that it has left.
struct IncidentSource {
    /// An incident as a list shows it.
    struct Entry {
        var summary: IncidentSummary
        var json: JSONValue
        /// The processes that it is about, and their names.
        var pids: [Int32]
        var names: [String]

        init(_ incident: Incident) {
            summary = IncidentSummary(incident)
            json = IncidentJSON.summary(summary)
            (pids, names) = (IncidentSupplement.pids(incident), IncidentSupplement.names(incident))
        }

        init(_ json: JSONValue, _ supplement: JSONValue, _ wallOffset: WallOffset) throws(DocumentError) {
            summary = try IncidentJSON.summary(json, wallOffset: wallOffset)
            self.json = json
            pids = (supplement["pids"]?.items ?? []).compactMap { $0.number() }
            names = (supplement["names"]?.items ?? []).compactMap(\.text)
        }
    }

    /// Where they were looked for, behind "in".
    let place: String
    /// Oldest first.
    let entries: [Entry]
    /// What could not be read of a recording.
    private let damage: String?
    /// What the place has, beside what it cannot have.
    private let hint: String
    private let whole: (String) throws -> (incident: Incident, json: JSONValue)

    /// What `--from` names, or else the daemon's. `extraWatches` are looked for in a recording.
    init(_ input: InputOptions, extraWatches: [ProcessWatch] = []) throws {
        guard let file = input.file else {
            self = try Self.ofDaemon(DaemonAccess(input.configuration.load()))
            return
        }
        let recording = try ReadRecording(path: file, extraWatches: extraWatches)
        let incidents = recording.incidents
        place = file
        damage = recording.damage
        hint = "a recording shows disruptions of what its configuration watches; culprit who NAME asks for another"
        entries = Self.sorted(incidents.map(Entry.init))
        whole = { id in
            guard let incident = incidents.first(where: { $0.id == id }) else { throw Self.gone(id) }
            return (incident, IncidentJSON.document(incident))
        }
    }

    private init(
        place: String, entries: [Entry], whole: @escaping (String) throws -> (incident: Incident, json: JSONValue)
    ) {
        self.place = place
        self.entries = Self.sorted(entries)
        self.whole = whole
        damage = nil
        hint = "the daemon sees disruptions of what its configuration watches, while it runs"
    }

    private static func ofDaemon(_ daemon: DaemonAccess) throws -> IncidentSource {
        guard let list = try daemon.ask(.incidents) else { return try ofStore(daemon) }
        let entries = try (list.items ?? []).map { item -> Entry in
            guard let one = StoredJSON.unwrap("entry", item) else { throw unreadable("list") }
            return try read("list") { () throws(DocumentError) in try Entry(one.json, one.supplement, one.wallOffset) }
        }
        return IncidentSource(place: "the daemon's store", entries: entries) { id in
            guard let reply = try daemon.ask(.incident(id: id)) else { throw daemon.notRunning }
            guard let one = StoredJSON.unwrap("document", reply) else { throw unreadable(id) }
            return (try whole(id, one), one.json)
        }
    }

    private static func ofStore(_ daemon: DaemonAccess) throws -> IncidentSource {
        let store = try daemon.store()
        let entries = try mapped { () throws(StoreError) in try store.summaries(limit: 5000) }.map { stored -> Entry in
            guard let json = StoredJSON.entry(stored) else { throw unreadable(stored.id) }
            let supplement = StoredJSON.supplement(stored.supplement)
            return try read(stored.id) { () throws(DocumentError) in try Entry(json, supplement, stored.wallOffset) }
        }
        Terminal.message("culprit: the daemon does not run; this is what it has left in \(store.path)")
        return IncidentSource(place: store.path, entries: entries) { id in
            guard let stored = try mapped({ () throws(StoreError) in try store.document(id: id) }) else {
                throw gone(id)
            }
            guard let json = StoredJSON.document(stored) else { throw unreadable(id) }
            let supplement = StoredJSON.supplement(stored.supplement)
            let one = StoredJSON.Wrapped(json: json, supplement: supplement, wallOffset: stored.wallOffset)
            return (try whole(id, one), json)
        }
    }

    private static func whole(_ id: String, _ one: StoredJSON.Wrapped) throws -> Incident {
        try read(id) { () throws(DocumentError) in
            try IncidentJSON.incident(one.json, wallOffset: one.wallOffset, supplement: one.supplement)
        }
    }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        entries.sorted { ($0.summary.wallTime, $0.summary.id) < ($1.summary.wallTime, $1.summary.id) }
    }

    private static func mapped<Result>(_ body: () throws(StoreError) -> Result) throws -> Result {
        do throws(StoreError) { return try body() } catch {
            throw Failure(
                code: error.isOfTheFile ? .damagedInput : .inputOutput, what: "incident store", why: error.message)
        }
    }

    private static func read<Result>(_ what: String, _ body: () throws(DocumentError) -> Result) throws -> Result {
        do throws(DocumentError) { return try body() } catch {
            throw Failure(
                code: .damagedInput, what: "incident \(what)",
                why: "its document cannot be read: \(error.path) \(error.why)",
                remedy: "the version that wrote it can")
        }
    }

    private static func unreadable(_ what: String) -> Failure {
        Failure(code: .damagedInput, what: "incident \(what)", why: "its document is no JSON")
    }

    private static func gone(_ id: String) -> Failure {
        Failure(code: .noInput, what: "incident \(id)", why: "newer ones have taken its place")
    }

    /// The incident of an entry, with its document.
    func incident(of entry: Entry) throws -> (incident: Incident, json: JSONValue) { try whole(entry.summary.id) }

    /// The one of that id or beginning of one; `latest` is the one that happened last.
    func entry(_ id: String) throws -> Entry {
        if id == "latest" {
            guard let latest = entries.last else {
                throw notFound("report", why: "there is no incident in \(place)", remedy: hint)
            }
            return latest
        }
        let found = entries.filter { $0.summary.id.hasPrefix(id) }
        guard let entry = found.first, found.count == 1 else {
            throw notFound(
                "incident \(id)",
                why: found.isEmpty ? "there is none of that id in \(place)" : "\(found.count) ids begin like that",
                remedy: "culprit incidents list shows them")
        }
        return entry
    }

    /// What was asked for is not there; where a recording is damaged, it may have been in the part that is lost.
    func notFound(_ what: String, why: String, remedy: String = "") -> Failure {
        ReadRecording.notFound(what, why: why, remedy: remedy, damage: damage)
    }

    /// After the result is out: what could not be read of a recording, as exit code 65.
    func complain() throws { try ReadRecording.complain(damage, of: place) }
}

extension IncidentSummary {
    var wallTime: WallTime { wallOffset.wall(disruption.at) }
}
