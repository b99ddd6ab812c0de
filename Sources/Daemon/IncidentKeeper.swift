import Attribution
import ControlSocket
import EventModel
import Glibc
import IncidentDetection
import IncidentStore
import Reporting
import Synchronization

/// Brings incidents to the store, on a thread of its own: a disk that is slow or full never holds up capture. What is not
/// stored yet waits in memory, in bounded number, and is tried again.
final class IncidentKeeper: Sendable {
    let path: String
    private let keep: Int
    private let group: UInt32?
    private let log: DaemonLog
    private let bell: Bell
    private let state = Mutex(State())

    struct State {
        /// Oldest first; each once, in its latest form.
        var waiting: [Incident] = []
        var store: IncidentStore?
        /// Why the last attempt failed; nil when all is well.
        var trouble: String?
        /// Had to make room before they were stored.
        var dropped = 0
        var stored = 0
        var isEnding = false
    }

    /// Most incidents that wait.
    private static let mostWaiting = 1000
    /// Between attempts, in milliseconds: twice as long after each that fails.
    private static let (shortestPause, longestPause): (Int32, Int32) = (500, 30_000)

    init(path: String, keep: Int, group: UInt32?, log: DaemonLog) throws(SystemCallError) {
        bell = try Bell()
        self.path = path
        self.keep = keep
        self.group = group
        self.log = log
    }

    /// Takes incidents that are new, or changed since they were taken.
    func add(_ incidents: [Incident]) {
        guard !incidents.isEmpty else { return }
        state.withLock { state in
            for incident in incidents {
                if let index = state.waiting.firstIndex(where: { $0.id == incident.id }) {
                    state.waiting[index] = incident
                } else {
                    state.waiting.append(incident)
                }
            }
            let surplus = max(0, state.waiting.count - Self.mostWaiting)
            state.waiting.removeFirst(surplus)
            state.dropped += surplus
        }
        bell.ring()
    }

    /// Everything that was taken is on disk.
    var isClear: Bool { state.withLock { $0.waiting.isEmpty && $0.dropped == 0 } }

    /// Number that wait, number stored, number dropped, and what is wrong.
    var condition: (waiting: Int, stored: Int, dropped: Int, trouble: String?) {
        state.withLock { ($0.waiting.count, $0.stored, $0.dropped, $0.trouble) }
    }

    var waiting: [Incident] { state.withLock { $0.waiting } }
    var store: IncidentStore? { state.withLock { $0.store } }

    /// The keeper's thread: comes back after `end`, once all is stored or an attempt has failed.
    func run() {
        var pause = Self.shortestPause
        while true {
            let isWell = storeAll()
            if state.withLock({ $0.isEnding && (!isWell || $0.waiting.isEmpty) }) { return }
            bell.wait(milliseconds: isWell ? -1 : pause)
            pause = isWell ? Self.shortestPause : min(pause * 2, Self.longestPause)
        }
    }

    func end() {
        state.withLock { $0.isEnding = true }
        bell.ring()
    }

    /// False where something is in the way.
    private func storeAll() -> Bool {
        do throws(StoreError) {
            let store = try openedStore()
            while let incident = state.withLock({ $0.waiting.first }) {
                try write(incident, to: store)
                state.withLock { state in
                    // A newer form may have come meanwhile; that one is written in its turn.
                    if state.waiting.first == incident { state.waiting.removeFirst() }
                    state.stored += 1
                }
            }
            if state.withLock({ state in
                defer { state.trouble = nil }
                return state.trouble != nil
            }) {
                log.write(.notice, "incidents are stored again in \(path)")
            }
            return true
        } catch {
            failed(error)
            return false
        }
    }

    private func write(_ incident: Incident, to store: IncidentStore) throws(StoreError) {
        let recovery = incident.disruption.recoveredAt.map(incident.wallOffset.wall)
        guard try !store.update(id: incident.id, recoveredAt: recovery, related: incident.related) else { return }
        try store.insert(
            StoredIncident(
                incident, summary: IncidentJSON.summary(IncidentSummary(incident)).compact,
                supplement: IncidentSupplement.make(incident).compact,
                document: IncidentJSON.document(incident).compact))
    }

    private func openedStore() throws(StoreError) -> IncidentStore {
        if let store { return store }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let opened = try IncidentStore.openOrReplace(
            path: path, keep: keep, group: group, now: WallTime(nanoseconds: Int64(now.tv_sec) * 1_000_000_000))
        if let aside = opened.setAside {
            log.write(.error, "\(aside.error.message); it is now \(aside.movedTo), and a new store is begun")
        }
        state.withLock { $0.store = opened.store }
        return opened.store
    }

    private func failed(_ error: StoreError) {
        let isNews = state.withLock { state in
            // A file that has gone bad is replaced by the next attempt.
            if error.isOfTheFile { state.store = nil }
            defer { state.trouble = error.message }
            return state.trouble != error.message
        }
        if isNews {
            log.write(
                .error,
                "incidents cannot be stored: \(error.message); they wait in memory and it is tried again, capture goes on"
            )
        }
    }
}
