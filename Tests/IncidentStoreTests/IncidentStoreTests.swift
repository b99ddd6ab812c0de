import EventModel
import Glibc
import IncidentStore
import Testing

@Suite struct IncidentStoreTests {
    let place: Place

    init() throws { place = try Place() }

    func open(keep: Int = 1000, bytes: Int? = nil) throws -> IncidentStore {
        try IncidentStore(path: place.file, keep: keep, bytes: bytes)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let written = Sample.stored(10, document: "{\"a\":1}")
        try open().insert(written)
        let store = try open()
        let read = try #require(try store.document(id: written.id))
        #expect(read.document == "{\"a\":1}")
        #expect(read.wallOffset == Sample.host.wallOffset)
        #expect(read.changes == IncidentChanges(revision: 1))
        let summaries = try store.summaries(limit: 10)
        #expect(summaries.map(\.id) == [written.id])
        #expect(summaries.first?.summary == "{\"second\":10}")
        #expect(summaries.first?.at == WallTime(nanoseconds: 1_700_000_010_000_000_000))
        #expect(try store.document(id: "nosuch") == nil)
    }

    @Test func listsAreOldestFirstAndKeepTheLatest() throws {
        let store = try open()
        for second in [30, 10, 20] as [UInt64] { try store.insert(Sample.stored(second)) }
        #expect(try store.summaries(limit: 10).map(\.id).map { $0.dropFirst(13).prefix(2) } == ["10", "20", "30"])
        #expect(try store.summaries(limit: 2).map(\.id).map { $0.dropFirst(13).prefix(2) } == ["20", "30"])
        #expect(try store.latestID() == "20260101T000030Z-00")
    }

    @Test func idsAreFoundByTheirBeginning() throws {
        let store = try open()
        for id in ["abc1", "abc2", "abd", "a%c"] { try store.insert(Sample.stored(1, id: id)) }
        #expect(try store.ids(beginningWith: "abc") == ["abc1", "abc2"])
        #expect(try store.ids(beginningWith: "abd") == ["abd"])
        #expect(try store.ids(beginningWith: "a%") == ["a%c"])
        #expect(try store.ids(beginningWith: "x").isEmpty)
        #expect(try store.ids(beginningWith: "").count == 2)
    }

    @Test func atTheCapTheOldestGo() throws {
        let store = try open(keep: 5)
        for second in 1...20 as ClosedRange<UInt64> { try store.insert(Sample.stored(second, id: "i\(second)")) }
        _ = try store.annotate(id: "i16", Annotation(at: WallTime(nanoseconds: 1), uid: 0, text: "goes with it"))
        try store.note(
            id: "i16", ExportState(target: "github", state: "done", at: WallTime(nanoseconds: 1), detail: ""))
        #expect(try store.summaries(limit: 100).map(\.id) == ["i16", "i17", "i18", "i19", "i20"])
        try store.insert(Sample.stored(21, id: "i21"))
        #expect(try store.document(id: "i16") == nil)
        // One that is older than all that is kept does not push out a newer one.
        try store.insert(Sample.stored(1, id: "late"))
        #expect(try store.summaries(limit: 100).map(\.id) == ["i17", "i18", "i19", "i20", "i21"])
        // A lower cap holds from the moment of opening.
        #expect(try open(keep: 2).count() == 2)
    }

    @Test func theCapInBytesHolds() throws {
        let store = try open(keep: 1000, bytes: 1 << 20)
        let document = String(repeating: "x", count: 100_000)
        for second in 1...50 as ClosedRange<UInt64> {
            try store.insert(Sample.stored(second, id: "i\(second)", document: document))
        }
        #expect(try store.count() == 10)
        #expect(try store.latestID() == "i50")
        var size = 0
        for name in place.names {
            var status = stat()
            try #require(stat("\(place.directory)/\(name)", &status) == 0)
            size += Int(status.st_size)
        }
        #expect(size < 10 << 20, "\(size) bytes on disk")
        // The newest stays, however large.
        try store.insert(Sample.stored(51, id: "large", document: String(repeating: "y", count: 1_500_000)))
        #expect(try store.summaries(limit: 100).map(\.id) == ["large"])
    }

    @Test func whatMayChangeCountsTheRevisionUp() throws {
        let store = try open()
        try store.insert(Sample.stored(1, id: "a"))
        let recovery = WallTime(nanoseconds: 77)
        #expect(try store.update(id: "a", recoveredAt: recovery))
        #expect(try store.update(id: "a", related: ["b", "c"]))
        // Nothing new: no revision.
        #expect(try store.update(id: "a", recoveredAt: recovery, related: ["c"]))
        let note = Annotation(at: WallTime(nanoseconds: 5), uid: 1000, text: "it was me\nsorry")
        #expect(try store.annotate(id: "a", note))
        let changes = try #require(try store.document(id: "a")).changes
        #expect(
            changes
                == IncidentChanges(revision: 4, related: ["b", "c"], recoveredAt: recovery, annotations: [note]))
        #expect(try store.update(id: "nosuch", recoveredAt: recovery) == false)
        #expect(try store.annotate(id: "nosuch", note) == false)
    }

    @Test func anIncidentWrittenAgainKeepsItsAnnotations() throws {
        let store = try open()
        try store.insert(Sample.stored(1, id: "a", document: "old"))
        _ = try store.annotate(id: "a", Annotation(at: WallTime(nanoseconds: 5), uid: 0, text: "seen"))
        try store.insert(Sample.stored(1, id: "a", document: "new"))
        let read = try #require(try store.document(id: "a"))
        #expect(read.document == "new")
        #expect(read.changes.revision == 3)
        #expect(read.changes.annotations.map(\.text) == ["seen"])
    }

    @Test func annotationsAreBounded() throws {
        let store = try open()
        try store.insert(Sample.stored(1, id: "a"))
        for number in 0..<100 {
            let note = Annotation(at: WallTime(nanoseconds: 0), uid: 0, text: "\(number)")
            #expect(try store.annotate(id: "a", note))
        }
        #expect(throws: StoreError.self) {
            try store.annotate(id: "a", Annotation(at: WallTime(nanoseconds: 0), uid: 0, text: "one more"))
        }
        let changes = try #require(try store.document(id: "a")).changes
        #expect(changes.annotations.count == 100)
        #expect(changes.revision == 101, "a refused annotation is no revision")
    }

    @Test func exportsAreNoted() throws {
        let store = try open()
        try store.insert(Sample.stored(1, id: "a"))
        let failed = ExportState(target: "github", state: "failed", at: WallTime(nanoseconds: 1), detail: "no network")
        var done = failed
        (done.state, done.detail) = ("done", "https://example.org/1")
        for state in [failed, done] { #expect(try store.note(id: "a", state)) }
        #expect(try store.summaries(limit: 1).first?.changes.exports == [done])
        #expect(try store.document(id: "a")?.changes.exports == [done])
    }

    @Test func othersCannotReadIt() throws {
        let store = try open()
        try store.insert(Sample.stored(1))
        #expect(place.names == ["incidents.db", "incidents.db-shm", "incidents.db-wal"])
        for name in place.names {
            var status = stat()
            try #require(stat("\(place.directory)/\(name)", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640, "\(name)")
        }
    }
}
