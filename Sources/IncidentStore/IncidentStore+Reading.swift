import EventModel
import GRDB

extension IncidentStore {
    /// How many there are.
    public func count() throws(StoreError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM incident") ?? 0 }
    }

    /// Oldest first; the latest `limit` of them.
    public func summaries(limit: Int) throws(StoreError) -> [StoredSummary] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, at, summary, supplement, wall_offset, revision, related, recovered_at FROM incident
                    ORDER BY at DESC, id DESC LIMIT ?
                    """, arguments: [limit])
            let exports = try Self.exports(db, id: nil)
            return try rows.reversed().map { row in
                let id = try row.text("id")
                return StoredSummary(
                    id: id, at: WallTime(nanoseconds: try row.number("at")), summary: try row.text("summary"),
                    supplement: try row.text("supplement"),
                    wallOffset: WallOffset(nanoseconds: try row.number("wall_offset")),
                    changes: try Self.changes(row, annotations: [], exports: exports[id] ?? []))
            }
        }
    }

    /// The ids that begin like that, in order, two at most: whether there is none, one, or a choice.
    public func ids(beginningWith prefix: String) throws(StoreError) -> [String] {
        try read { db in
            try String.fetchAll(
                db, sql: "SELECT id FROM incident WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2",
                arguments: [prefix])
        }
    }

    /// The one that happened last.
    public func latestID() throws(StoreError) -> String? {
        try read { db in
            try String.fetchOne(db, sql: "SELECT id FROM incident ORDER BY at DESC, id DESC LIMIT 1")
        }
    }

    public func document(id: String) throws(StoreError) -> StoredDocument? {
        try read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM incident WHERE id = ?", arguments: [id]) else {
                return nil
            }
            let annotations = try Row.fetchAll(
                db, sql: "SELECT at, uid, text FROM annotation WHERE incident = ? ORDER BY number LIMIT ?",
                arguments: [id, Self.mostAnnotations]
            ).map { row in
                Annotation(
                    at: WallTime(nanoseconds: try row.number("at")),
                    uid: UInt32(truncatingIfNeeded: try row.number("uid")), text: try row.text("text"))
            }
            return StoredDocument(
                id: id, document: try row.text("document"), supplement: try row.text("supplement"),
                wallOffset: WallOffset(nanoseconds: try row.number("wall_offset")),
                changes: try Self.changes(
                    row, annotations: annotations, exports: try Self.exports(db, id: id)[id] ?? []))
        }
    }

    private static func changes(
        _ row: Row, annotations: [Annotation], exports: [ExportState]
    ) throws -> IncidentChanges {
        IncidentChanges(
            revision: Int(clamping: try row.number("revision")), related: lines(try row.text("related")),
            recoveredAt: try row.optionalNumber("recovered_at").map(WallTime.init(nanoseconds:)),
            annotations: annotations, exports: exports)
    }

    /// By incident, each in the order of the targets' names; of all incidents where `id` is nil.
    private static func exports(_ db: Database, id: String?) throws -> [String: [ExportState]] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM export WHERE ?1 IS NULL OR incident = ?1 ORDER BY target", arguments: [id])
        var exports: [String: [ExportState]] = [:]
        for row in rows {
            exports[try row.text("incident"), default: []].append(
                ExportState(
                    target: try row.text("target"), state: try row.text("state"),
                    at: WallTime(nanoseconds: try row.number("at")), detail: try row.text("detail")))
        }
        return exports
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try queue.read(body) } catch { throw StoreError(error, path: path) }
    }
}
