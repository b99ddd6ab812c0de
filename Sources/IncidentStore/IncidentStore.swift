public import EventModel
import GRDB
import GRDBSQLite
import Glibc
import IncidentDetection

/// Incidents on disk (SQLite, write-ahead log): what was written survives the death of this process and of the machine.
/// The newest `keep` stay, and never more than `bytes` of them; the oldest go. Safe to use from several threads.
public final class IncidentStore: Sendable {
    public let path: String
    let queue: DatabaseQueue
    private let keep: Int
    private let bytes: Int

    /// Bytes that a document may have on average before the cap in bytes counts rather than the number.
    private static let averageDocument = 64 << 10
    /// A reader may hold the file for a moment; nobody waits longer for it than this, in seconds.
    private static let patience = 2.0
    /// Most annotations of one incident.
    static let mostAnnotations = 100

    /// Opens the file for writing and brings its schema up to date; it is made where there is none. Its mode is 0640, its
    /// group `group`.
    public convenience init(path: String, keep: Int, bytes: Int? = nil, group: UInt32? = nil) throws(StoreError) {
        let bytes = bytes ?? max(16 << 20, keep.multipliedReportingOverflow(by: Self.averageDocument).partialValue)
        do {
            try Self.create(path, group: group)
            var configuration = Self.configuration()
            configuration.journalMode = .wal
            configuration.prepareDatabase { db in try Self.prepareForWriting(db, bytes: bytes) }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.check(queue, path: path)
            try StoreSchema.migrator.migrate(queue)
            self.init(path: path, queue: queue, keep: keep, bytes: bytes)
            try queue.write { db in try trim(db) }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Opens a file that is there, for reading; the daemon may be writing to it.
    public convenience init(reading path: String) throws(StoreError) {
        guard access(path, R_OK) == 0 else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw StoreError(isMissing ? .missing : .notPermitted, path: path, why: String(cString: strerror(errno)))
        }
        do {
            var configuration = Self.configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.check(queue, path: path)
            self.init(path: path, queue: queue, keep: .max, bytes: .max)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private init(path: String, queue: DatabaseQueue, keep: Int, bytes: Int) {
        self.path = path
        self.queue = queue
        self.keep = keep
        self.bytes = bytes
    }

    private static func configuration() -> GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(patience)
        configuration.foreignKeysEnabled = true
        configuration.label = "incidents"
        return configuration
    }

    /// An empty file, so that it and what SQLite makes beside it are for these readers from the first moment on.
    private static func create(_ path: String, group: UInt32?) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o640)
        guard descriptor >= 0 else {
            let kind: StoreError.Kind =
                switch errno {
                case EACCES, EPERM, EROFS: .notPermitted
                case ENOSPC, EDQUOT: .full
                default: .inputOutput
                }
            throw StoreError(kind, path: path, why: String(cString: strerror(errno)))
        }
        fchmod(descriptor, 0o640)
        if let group { fchown(descriptor, UInt32.max, group) }
        close(descriptor)
    }

    private static func prepareForWriting(_ db: Database, bytes: Int) throws {
        // The log stays when the last connection closes: without it, who may only read could not open the file.
        var persists: Int32 = 1
        sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persists)
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA journal_size_limit = 4194304")
        // Beyond the cap of documents only by indexes and annotations; a page has 4 KiB.
        try db.execute(sql: "PRAGMA max_page_count = \(bytes / 4096 * 2 + 256)")
    }

    /// That it is ours, whole, and not of a later version.
    private static func check(_ queue: DatabaseQueue, path: String) throws {
        try queue.read { db in
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard tables > 0 else { return }
            guard try Int.fetchOne(db, sql: "PRAGMA application_id") == StoreSchema.applicationID else {
                throw StoreError(.damaged, path: path, why: "it is a database, but not of incidents")
            }
            guard try !StoreSchema.migrator.hasBeenSuperseded(db) else {
                throw StoreError(.newerSchema, path: path, why: "a later version of culprit wrote it")
            }
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard verdict == "ok" else { throw StoreError(.damaged, path: path, why: verdict) }
        }
    }

    /// Keeps an incident; one of the same id is replaced, and what was added to it stays.
    public func insert(_ incident: StoredIncident) throws(StoreError) {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO incident VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET summary = excluded.summary,
                        supplement = excluded.supplement, document = excluded.document,
                        related = excluded.related, recovered_at = excluded.recovered_at,
                        revision = max(revision + 1, excluded.revision)
                    """, arguments: incident.arguments)
            try self.trim(db)
        }
    }

    /// Changes what may change of an incident after it was written; its revision counts up if that makes a difference.
    /// False where there is no such incident.
    @discardableResult
    public func update(id: String, recoveredAt: WallTime? = nil, related: [String] = []) throws(StoreError) -> Bool {
        try write { db in
            let found = try Row.fetchOne(
                db, sql: "SELECT related, recovered_at FROM incident WHERE id = ?", arguments: [id])
            guard let row = found else { return false }
            let known = Self.lines(try row.text("related"))
            let all = known + related.filter { !known.contains($0) }
            let knownRecovery = try row.optionalNumber("recovered_at")
            let recovery = recoveredAt?.nanoseconds ?? knownRecovery
            guard all != known || recovery != knownRecovery else { return true }
            try db.execute(
                sql: "UPDATE incident SET related = ?, recovered_at = ?, revision = revision + 1 WHERE id = ?",
                arguments: [all.joined(separator: "\n"), recovery, id])
            return true
        }
    }

    /// Adds a person's words. False where there is no such incident; an error where it has too many already.
    public func annotate(id: String, _ annotation: Annotation) throws(StoreError) -> Bool {
        try write { db in
            try db.execute(sql: "UPDATE incident SET revision = revision + 1 WHERE id = ?", arguments: [id])
            guard db.changesCount == 1 else { return false }
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM annotation WHERE incident = ?", arguments: [id])
            guard let count, count < Self.mostAnnotations else {
                throw StoreError(.full, path: self.path, why: "this incident has \(Self.mostAnnotations) annotations")
            }
            try db.execute(
                sql: "INSERT INTO annotation (incident, at, uid, text) VALUES (?, ?, ?, ?)",
                arguments: [id, annotation.at.nanoseconds, annotation.uid, annotation.text])
            return true
        }
    }

    /// Notes what became of handing it on. False where there is no such incident.
    @discardableResult
    public func note(id: String, _ export: ExportState) throws(StoreError) -> Bool {
        try write { db in
            guard try Row.fetchOne(db, sql: "SELECT 1 FROM incident WHERE id = ?", arguments: [id]) != nil else {
                return false
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO export VALUES (?, ?, ?, ?, ?)",
                arguments: [id, export.target, export.state, export.at.nanoseconds, export.detail])
            return true
        }
    }

    /// The oldest go until both caps hold; the newest stays, however large.
    private func trim(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM incident WHERE id IN (SELECT id FROM
                    (SELECT id, row_number() OVER newest AS number,
                        sum(length(CAST(summary AS BLOB)) + length(CAST(document AS BLOB))) OVER newest AS bytes
                     FROM incident WINDOW newest AS (ORDER BY at DESC, id DESC))
                    WHERE number > ? OR (bytes > ? AND number > 1))
                """, arguments: [keep, bytes])
    }

    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try queue.write(body) } catch { throw StoreError(error, path: path) }
    }

    static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}

extension StoredIncident {
    /// In the order of the table's columns.
    fileprivate var arguments: StatementArguments {
        [
            id, at.nanoseconds, wallOffset.nanoseconds, subject.kind.rawValue, subject.name, subject.manager?.rawValue,
            subject.uid, outcome, mechanism, confidence, agent, fingerprint, revision, related.joined(separator: "\n"),
            recoveredAt?.nanoseconds, summary, supplement, document,
        ]
    }
}
