import EventModel
import GRDB
import Glibc
import IncidentStore
import Testing

/// Files that are no store of ours, no longer, or not yet.
@Suite struct DamageTests {
    let place: Place
    let now = WallTime(nanoseconds: 1_763_712_000_000_000_000)

    init() throws { place = try Place() }

    private func fill() throws {
        let store = try IncidentStore(path: place.file, keep: 1000)
        for second in 1...60 as ClosedRange<UInt64> {
            try store.insert(
                Sample.stored(second, id: "i\(second)", document: String(repeating: "z", count: 20_000)))
        }
        try checkpoint()
    }

    /// Everything out of the log and into the file.
    private func checkpoint() throws {
        let queue = try DatabaseQueue(path: place.file)
        try queue.inDatabase { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    @Test func noDatabaseAtAll() throws {
        try place.write(Array("these are words ".utf8) + [UInt8](repeating: 7, count: 9000), to: "incidents.db")
        let error = #expect(throws: StoreError.self) { try IncidentStore(path: place.file, keep: 10) }
        #expect(error?.kind == .damaged)
        let (store, setAside) = try IncidentStore.openOrReplace(path: place.file, keep: 10, now: now)
        #expect(try store.count() == 0)
        let aside = try #require(setAside)
        #expect(aside.movedTo == place.file + ".damaged-20251121T080000.000000000Z")
        #expect(try place.read(aside.movedTo).starts(with: Array("these are words ".utf8)), "it is kept")
    }

    @Test func aDatabaseOfAnotherProgram() throws {
        let other = try DatabaseQueue(path: place.file)
        try other.write { db in try db.execute(sql: "CREATE TABLE mail (subject TEXT)") }
        try other.close()
        let error = #expect(throws: StoreError.self) { try IncidentStore(path: place.file, keep: 10) }
        #expect(error?.kind == .damaged)
        let (_, setAside) = try IncidentStore.openOrReplace(path: place.file, keep: 10, now: now)
        #expect(setAside != nil)
    }

    @Test func aLaterSchemaIsMovedAsideWhole() throws {
        try fill()
        let later = try DatabaseQueue(path: place.file)
        try later.write { db in try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v99')") }
        try later.close()
        let error = #expect(throws: StoreError.self) { try IncidentStore(path: place.file, keep: 10) }
        #expect(error?.kind == .newerSchema)
        #expect(#expect(throws: StoreError.self) { try IncidentStore(reading: place.file) }?.kind == .newerSchema)
        let (store, setAside) = try IncidentStore.openOrReplace(path: place.file, keep: 10, now: now)
        try store.insert(Sample.stored(1))
        let moved = try DatabaseQueue(path: try #require(setAside).movedTo)
        #expect(try moved.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM incident") } == 60)
    }

    /// Wherever a piece of it is overwritten or cut off: never a crash, always an answer or an error that says so.
    @Test func damageAnywhereIsSurvived() throws {
        try fill()
        let whole = try place.read(place.file)
        var refused = 0
        for step in 0..<60 {
            var bytes = whole
            let place = whole.count * step / 60
            if step % 3 == 0 {
                bytes = Array(whole[..<place])
            } else {
                for index in place..<min(place + 700 * step, bytes.count) {
                    bytes[index] = UInt8(truncatingIfNeeded: index &* 31)
                }
            }
            try self.place.write(bytes, to: "incidents.db")
            for name in ["incidents.db-wal", "incidents.db-shm"] { unlink("\(self.place.directory)/\(name)") }
            do throws(StoreError) {
                let reader = try IncidentStore(reading: self.place.file)
                for summary in try reader.summaries(limit: 1000) { _ = try reader.document(id: summary.id) }
            } catch {
                refused += 1
            }
            let opened = try IncidentStore.openOrReplace(path: self.place.file, keep: 1000, now: now)
            try opened.store.insert(Sample.stored(99, id: "new"))
            #expect(try opened.store.latestID() == "new")
        }
        #expect(refused > 20)
    }

    @Test func onlyTheLatestOfThemAreKept() throws {
        for number in 1...6 {
            try place.write(Array("damaged \(number)".utf8) + [UInt8](repeating: 1, count: 2000), to: "incidents.db")
            let (_, setAside) = try IncidentStore.openOrReplace(
                path: place.file, keep: 10, now: WallTime(nanoseconds: Int64(number) * 1_000_000_000))
            #expect(setAside != nil)
        }
        let kept = place.names.filter { $0.contains("damaged") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        #expect(kept.map { $0.suffix(12) } == ["4.000000000Z", "5.000000000Z", "6.000000000Z"])
    }

    @Test func thereIsNone() {
        #expect(#expect(throws: StoreError.self) { try IncidentStore(reading: place.file) }?.kind == .missing)
        let nowhere = place.directory + "/no/such/file"
        #expect(#expect(throws: StoreError.self) { try IncidentStore(path: nowhere, keep: 1) }?.kind == .inputOutput)
    }

    /// `Fixtures/v1.db` was written by the first version, with an incident that was related, annotated and exported.
    @Test func theFirstVersionsFileIsRead() throws {
        let path = try Self.fixture("v1.db")
        try place.write(try place.read(path), to: "incidents.db")
        let store = try IncidentStore(path: place.file, keep: 1000)
        #expect(try store.count() == 2)
        let first = try #require(try store.document(id: "a"))
        #expect(first.document == "{\"schema\":\"culprit.incident/v1\"}")
        #expect(
            first.changes
                == IncidentChanges(
                    revision: 4, related: ["b"], recoveredAt: WallTime(nanoseconds: 1_700_000_002_000_000_000),
                    annotations: [Annotation(at: WallTime(nanoseconds: 3), uid: 1000, text: "seen")],
                    exports: [
                        ExportState(
                            target: "github", state: "done", at: WallTime(nanoseconds: 4),
                            detail: "https://example.org/1")
                    ]))
        try store.insert(Sample.stored(9))
        #expect(try store.count() == 3)
    }

    private static func fixture(_ name: String) throws -> String {
        let own = #filePath
        return own.prefix(upTo: try #require(own.lastIndex(of: "/"))) + "/Fixtures/" + name
    }
}
