import EventCoding
import EventModel
import FuzzTargets
import Testing

@Suite struct MalformedRecordTests {
    /// One record of every kind, its body of a modest size.
    private static let records: [[UInt8]] = (0..<EventGenerator.kinds).map { kind in
        var generator = EventGenerator(seed: UInt64(kind))
        var shortest = encoded(generator.event(kind: kind))
        for _ in 0..<20 {
            let other = encoded(generator.event(kind: kind))
            if abs(other.count - 400) < abs(shortest.count - 400) { shortest = other }
        }
        return shortest
    }

    @Test(arguments: records.indices) func truncatedAtEveryByte(index: Int) {
        let record = Self.records[index]
        for length in 0..<record.count {
            #expect(throws: MalformedRecord.self) { try decoded(Array(record.prefix(length))) }
            // The same with a size that agrees: a decoder must then notice by its pieces.
            guard length >= 40, length.isMultiple(of: 8) else { continue }
            var shorter = Array(record.prefix(length))
            shorter.store(UInt32(length), at: 0)
            _ = try? decoded(shorter)
        }
    }

    @Test(arguments: records.indices) func everyFieldAtItsExtremes(index: Int) {
        let record = Self.records[index]
        for offset in 0..<record.count {
            for value: UInt64 in [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, .max] {
                for width in [1, 2, 4, 8] where offset + width <= record.count {
                    var bytes = record
                    withUnsafeBytes(of: value.littleEndian) {
                        bytes.replaceSubrange(offset..<(offset + width), with: $0.prefix(width))
                    }
                    _ = try? decoded(bytes)
                }
            }
        }
    }

    @Test(arguments: [0, 8, 39, 41, 47, 1 << 20, UInt32.max, UInt32.max - 7] as [UInt32])
    func sizesThatCannotBe(size: UInt32) {
        var bytes = encoded(someEvent(.exit(Exit(status: nil))))
        bytes.store(size, at: 0)
        #expect(throws: MalformedRecord(type: 3, reason: .badSize)) { try decoded(bytes) }
        #expect(bytes.withUnsafeBytes { EventDecoder.header($0) } == nil)
    }

    @Test(arguments: [52, 54, 60, 62, 64, 66, 68]) func lengthsOfExecPieces(offset: Int) throws {
        let exec = Exec(
            image: ExecImage(path: "/bin/x", argv: ArgumentVector(words: ["x", "y"])), parentPID: 1, uid: 0)
        let record = encoded(someEvent(.exec(exec)))
        for length in [UInt16.max, 0x8000, UInt16(record.count), UInt16(record.count - 71)] {
            var bytes = record
            bytes.store(length, at: offset)
            if offset >= 60 {
                #expect(throws: MalformedRecord(type: 2, reason: .piece)) { try decoded(bytes) }
            } else {
                #expect(throws: Never.self) { try decoded(bytes) }
            }
        }
    }

    @Test func aCountOfMarkersReservesNothing() throws {
        let image = ExecImage(path: "", markers: [])
        var bytes = encoded(someEvent(.seen(ProcessSeen(parent: nil, uid: 0, comm: "", image: image))))
        // The count is the last field: 4 bytes before the padding, if any.
        let fields = 40 + 4 + 4 + 8 + 4 + 4 + 4 + 4 + 4 + 8 + 4 + 4
        bytes.store(UInt32.max, at: fields)
        #expect(throws: MalformedRecord(type: 68, reason: .piece)) { try decoded(bytes) }
    }

    @Test func valuesWithoutMeaning() {
        var status = encoded(someEvent(.source(SourceStatus(name: "a", state: .active, why: ""))))
        status.store(UInt32(9), at: 44)
        #expect(throws: MalformedRecord(type: 66, reason: .value)) { try decoded(status) }
        for source: UInt32 in [0, 12, 256, 257, .max] {
            var clock = encoded(someEvent(.clock(WallOffset(nanoseconds: 0)), source: .collector))
            clock.store(source, at: 40)
            #expect(throws: MalformedRecord(type: 65, reason: .value)) { try decoded(clock) }
        }
    }

    @Test func nothingAtAll() {
        #expect(throws: MalformedRecord(type: nil, reason: .noHeader)) { try decoded([]) }
        #expect(throws: MalformedRecord(type: nil, reason: .noHeader)) {
            try EventDecoder.decode(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test func whatFollowsARecordIsNotItsBusiness() throws {
        let event = someEvent(.exit(Exit(status: .code(1))))
        #expect(try decoded(encoded(event) + [1, 2, 3]) == event)
    }
}
