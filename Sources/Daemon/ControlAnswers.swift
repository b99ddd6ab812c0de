import Attribution
import ControlSocket
import EventModel
import Glibc
import IncidentDetection
import IncidentStore
import Reporting
import Synchronization

/// Answers to clients, on the server's thread: from the store and what waits for it, or passed on to the thread that has
/// the process table.
final class ControlAnswers: ControlHandler, Sendable {
    private let keeper: IncidentKeeper
    let feed = LiveFeed()
    let questions: Questions
    let claims = Claims()
    /// Made anew every second by the capturing thread.
    let status = Mutex<JSONValue>(["state": "starting"])

    init(_ keeper: IncidentKeeper) throws(SystemCallError) {
        self.keeper = keeper
        questions = try Questions()
    }

    func answer(_ request: ControlRequest, from peer: Peer, client: ClientID) -> ControlReply? {
        do throws(ControlError) {
            switch request {
            case .status: return .value(statusNow)
            case .incidents: return .value(try list())
            case .incident(let id): return .value(try incident(id))
            case .annotate(let id, let text): return .value(try annotate(id, text, by: peer))
            case .agents(let includingEnded):
                questions.ask(.agents(includingEnded: includingEnded), for: client)
                return nil
            case .sessions(let all, let onlyLeftovers):
                questions.ask(.sessions(.init(all: all, onlyLeftovers: onlyLeftovers)), for: client)
                return nil
            case .port(let port):
                questions.ask(.port(port), for: client)
                return nil
            case .register(let said):
                guard let claim = Claims.Claim(said, from: peer, client: client) else {
                    throw ControlError(.notPermitted, "register", "who asks cannot be told")
                }
                guard claims.add(claim) else { throw ControlError(.unavailable, "register", "too many ask at once") }
                questions.bell.ring()
                return nil
            case .live(let wanted):
                try watch(wanted, client)
                return .value([:])
            }
        } catch {
            return .error(error)
        }
    }

    func lines(for client: ClientID, limit: Int) -> [UInt8] { feed.take(for: client, limit: limit) }

    func forget(_ client: ClientID) {
        feed.close(client)
        questions.withdraw(client)
        claims.withdraw(client)
    }

    private var statusNow: JSONValue {
        let condition = keeper.condition
        let incidents: JSONValue = [
            "path": .string(keeper.path), "stored": .integer(Int64((try? keeper.store?.count()) ?? 0)),
            "waiting": .integer(Int64(condition.waiting)), "dropped": .integer(Int64(condition.dropped)),
            "trouble": condition.trouble.map { .string($0) } ?? .null,
        ]
        return status.withLock { $0 }.setting("incidents", to: incidents)
            .setting("watching", to: .integer(Int64(feed.count)))
    }

    private func watch(_ wanted: ControlRequest.LiveFilter, _ client: ClientID) throws(ControlError) {
        var filter = EventFilter(agent: wanted.agent)
        if let pattern = wanted.unit {
            do throws(InvalidGlob) { filter.unit = try UnitPattern(pattern) } catch {
                throw ControlError(.usage, "--unit \(pattern)", error.why)
            }
        }
        feed.open(client, filter: filter, isJSON: wanted.isJSON)
    }

    /// Entries that are given out at once, the latest.
    private static let mostListed = 5000

    private func list() throws(ControlError) -> JSONValue {
        let stored = try asking { (store) throws(StoreError) in try store.summaries(limit: Self.mostListed) } ?? []
        var entries = stored.compactMap { stored -> (at: WallTime, json: JSONValue)? in
            guard let entry = StoredJSON.entry(stored) else { return nil }
            let supplement = StoredJSON.supplement(stored.supplement)
            return (stored.at, StoredJSON.wrap("entry", entry, supplement, stored.wallOffset))
        }
        let storedIDs = Set(stored.map(\.id))
        for incident in keeper.waiting where !storedIDs.contains(incident.id) {
            let entry = StoredJSON.wrap(
                "entry", IncidentJSON.summary(IncidentSummary(incident)), IncidentSupplement.make(incident),
                incident.wallOffset)
            entries.append((incident.wallOffset.wall(incident.disruption.at), entry))
        }
        return .array(entries.sorted { $0.at < $1.at }.map(\.json))
    }

    private func incident(_ id: String) throws(ControlError) -> JSONValue {
        let waiting = keeper.waiting
        let full = try fullID(id, waiting: waiting)
        if let stored = try asking({ (store) throws(StoreError) in try store.document(id: full) }) ?? nil {
            guard let document = StoredJSON.document(stored) else {
                throw ControlError(.failed, "incident \(full)", "its document in the store cannot be read")
            }
            let supplement = StoredJSON.supplement(stored.supplement)
            return StoredJSON.wrap("document", document, supplement, stored.wallOffset)
        }
        guard let incident = waiting.first(where: { $0.id == full }) else {
            throw Self.notFound(id, "there is none of that id")
        }
        return StoredJSON.wrap(
            "document", IncidentJSON.document(incident), IncidentSupplement.make(incident), incident.wallOffset)
    }

    private func fullID(_ id: String, waiting: [Incident]) throws(ControlError) -> String {
        if id == "latest" {
            if let newest = waiting.max(by: { $0.disruption.at < $1.disruption.at }) { return newest.id }
            let stored = try asking { (store) throws(StoreError) in try store.latestID() } ?? nil
            guard let stored else { throw Self.notFound("latest", "there is no incident yet") }
            return stored
        }
        let stored = try asking { (store) throws(StoreError) in try store.ids(beginningWith: id) } ?? []
        let found = Set(stored + waiting.map(\.id).filter { $0.hasPrefix(id) })
        guard let one = found.first, found.count == 1 else {
            throw Self.notFound(id, found.isEmpty ? "there is none of that id" : "several ids begin like that")
        }
        return one
    }

    private func annotate(_ id: String, _ text: String, by peer: Peer) throws(ControlError) -> JSONValue {
        let full = try fullID(id, waiting: [])
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let at = WallTime(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
        let isThere = try asking { (store) throws(StoreError) in
            try store.annotate(id: full, Annotation(at: at, uid: peer.uid, text: text))
        }
        guard isThere == true else { throw Self.notFound(id, "there is none of that id") }
        let stored = try asking { (store) throws(StoreError) in try store.document(id: full) } ?? nil
        return ["id": .string(full), "revision": .integer(Int64(stored?.changes.revision ?? 0))]
    }

    private static func notFound(_ id: String, _ why: String) -> ControlError {
        ControlError(.notFound, "incident \(id)", why, remedy: "culprit incidents list shows them")
    }

    /// Nil where no store is open yet.
    private func asking<Result>(_ body: (IncidentStore) throws(StoreError) -> Result) throws(ControlError) -> Result? {
        guard let store = keeper.store else { return nil }
        do throws(StoreError) { return try body(store) } catch {
            throw ControlError(.inputOutput, "the incident store", error.message)
        }
    }
}
