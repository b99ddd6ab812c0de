import EventModel
import FlightRecorder
import Testing

@Suite struct RecordingDamageTests {
    /// Byte ranges of the three blocks of `threeBlocks` in the file, and of the end.
    private let ranges = [16..<152, 152..<320, 320..<464, 464..<504]

    @Test func theRangesAreRight() throws {
        let recording = try Recording(bytes: try recordingBytes(threeBlocks))
        #expect(recording.blocks.map { $0.offset..<($0.offset + $0.bytes) } == Array(ranges.prefix(3)))
    }

    /// One damaged byte costs its own block and nothing else, whatever byte and whatever it becomes.
    @Test(arguments: [0x01, 0x80, 0xff] as [UInt8]) func everyByteFlipped(by mask: UInt8) throws {
        let whole = try recordingBytes(threeBlocks)
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= mask
            let recording = try Recording(bytes: bytes)
            let hit = ranges.firstIndex { $0.contains(index) }
            let expected = threeBlocks.indices.filter { $0 != hit }.flatMap { threeBlocks[$0] }
            #expect(recording.records == expected, "byte \(index)")
            #expect(recording.damage.count == 1, "byte \(index)")
            let damaged = recording.damage.first.map { $0.offset..<($0.offset + $0.bytes) }
            #expect(damaged == hit.map { ranges[$0] } ?? 0..<16, "byte \(index)")
            #expect(recording.wasClosedCleanly == (hit != 3), "byte \(index)")
        }
    }

    @Test func cutOffAtEveryLength() throws {
        let whole = try recordingBytes(threeBlocks)
        for length in 0..<whole.count {
            let bytes = Array(whole.prefix(length))
            guard length >= 8 else {
                #expect(throws: RecordingError.notARecording(path: "<memory>")) { _ = try Recording(bytes: bytes) }
                continue
            }
            let recording = try Recording(bytes: bytes)
            let complete = ranges.prefix(3).prefix { $0.upperBound <= length }.count
            #expect(recording.records == threeBlocks.prefix(complete).flatMap { $0 })
            #expect(!recording.wasClosedCleanly)
            let isAtBorder = length == 16 || ranges.contains { $0.upperBound == length }
            #expect(recording.damage.isEmpty == isAtBorder, "length \(length)")
            let last = recording.damage.last
            if let last { #expect(last.offset + last.bytes == length) }
            if length > 16, !isAtBorder { #expect(last?.why == .cutOff) }
        }
    }

    @Test func aDamagedPayloadTellsWhatWasLost() throws {
        var bytes = try recordingBytes(threeBlocks)
        bytes[250] ^= 1
        let expected = Damage(
            offset: 152, bytes: 168, recordsLost: 3, from: BootTime(nanoseconds: 19), to: BootTime(nanoseconds: 25),
            why: .payload)
        #expect(try Recording(bytes: bytes).damage == [expected])
    }

    @Test func aDamagedHeaderIsBoundedByItsNeighbours() throws {
        var bytes = try recordingBytes(threeBlocks)
        bytes[160] ^= 1
        let expected = Damage(
            offset: 152, bytes: 168, from: BootTime(nanoseconds: 12), to: BootTime(nanoseconds: 30), why: .blockHeader)
        #expect(try Recording(bytes: bytes).damage == [expected])
    }

    @Test func aBlockThatIsMissingIsNoticed() throws {
        var bytes = try recordingBytes(threeBlocks)
        bytes.removeSubrange(ranges[1])
        let recording = try Recording(bytes: bytes)
        #expect(recording.records == threeBlocks[0] + threeBlocks[2])
        let expected = Damage(
            offset: 152, bytes: 0, from: BootTime(nanoseconds: 12), to: BootTime(nanoseconds: 30), why: .missing)
        #expect(recording.damage == [expected])
        #expect(recording.wasClosedCleanly)
    }

    @Test func aBlockThatComesTwiceIsNoticed() throws {
        var bytes = try recordingBytes(threeBlocks)
        bytes.insert(contentsOf: bytes[ranges[1]], at: ranges[2].lowerBound)
        let recording = try Recording(bytes: bytes)
        #expect(recording.damage == [Damage(offset: 320, bytes: 0, recordsLost: 0, why: .outOfOrder)])
        #expect(recording.records.count == 10)
    }

    @Test func bytesThatAreMissingCostOneBlock() throws {
        let whole = try recordingBytes(threeBlocks)
        for (index, range) in ranges.prefix(3).enumerated() {
            for at in range {
                var bytes = whole
                bytes.remove(at: at)
                let recording = try Recording(bytes: bytes)
                #expect(!recording.damage.isEmpty)
                // The neighbour behind may go with it: the damaged block's length says where to look.
                let safe = threeBlocks.indices.filter { $0 < index || $0 > index + 1 }.flatMap { threeBlocks[$0] }
                #expect(safe.allSatisfy { recording.records.contains($0) })
                #expect(recording.records.allSatisfy { threeBlocks.joined().contains($0) })
            }
        }
    }

    @Test func aHeaderInsideARecordIsNotTakenForABlock() throws {
        // A record whose body is a whole recording: read as bytes, unless its own block's header is destroyed.
        let inner = try recordingBytes(threeBlocks)
        var outer = record(size: 40 + (inner.count + 7) / 8 * 8, time: 40, mark: 0)
        outer.replaceSubrange(40..<(40 + inner.count), with: inner)
        var bytes = try recordingBytes([[outer], threeBlocks[0]])
        #expect(try Recording(bytes: bytes).records == [outer] + threeBlocks[0])
        bytes[16 + 40 + 20] ^= 1
        #expect(try Recording(bytes: bytes).records == threeBlocks[0])
    }

    @Test func whatFollowsTheEndIsDamage() throws {
        let bytes = try recordingBytes(threeBlocks)
        let recording = try Recording(bytes: bytes + bytes)
        #expect(recording.records.count == 7)
        #expect(recording.damage.map(\.why) == [.trailing])
        #expect(recording.damage.map(\.bytes) == [504])
    }

    @Test func sizesInACraftedHeaderAreChecked() throws {
        // The sums are right, the contents are not: 3 records announced, 2 there.
        var bytes = try recordingBytes([threeBlocks[0]], isClosed: false)
        bytes[16 + 8] = 3
        let sum = crc32(Array(bytes[16..<52]))
        withUnsafeBytes(of: sum.littleEndian) { bytes.replaceSubrange(52..<56, with: $0) }
        let recording = try Recording(bytes: bytes)
        #expect(recording.records.isEmpty)
        #expect(recording.damage.map(\.why) == [.framing])
    }

    @Test func aDamagedRegionLargerThanTheBufferIsCrossed() throws {
        let many = (0..<6).map { block in
            (0..<200).map { record(size: 1200, time: UInt64(block * 1000 + $0), mark: UInt8(block)) }
        }
        var bytes = try recordingBytes(many)
        let block = 40 + 200 * 1200
        for at in (16 + block)..<(16 + 4 * block) { bytes[at] = 0x43 }
        let recording = try Recording(bytes: bytes)
        #expect(recording.records == many[0] + many[4] + many[5])
        let expected = Damage(
            offset: 16 + block, bytes: 3 * block, from: BootTime(nanoseconds: 199), to: BootTime(nanoseconds: 4000),
            why: .blockHeader)
        #expect(recording.damage == [expected])
    }
}
