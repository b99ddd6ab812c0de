import EventCoding
import EventModel
import FlightRecorder

extension FuzzTarget {
    /// Recordings of two and more blocks, closed and not.
    static func recordingSeeds() -> [[UInt8]] {
        (UInt64(0)..<3).map { seed in
            var generator = EventGenerator(seed: seed)
            let blocks = (0...seed).map { _ in
                encoded((0..<4).map { _ in generator.event(kind: generator.random.below(10)) })
            }
            return recording(of: blocks, isClosed: seed != 1)
        }
    }

    /// The bytes of a recording with these records, each buffer a block.
    static func recording(of blocks: [[UInt8]], isClosed: Bool) -> [UInt8] {
        do { return try TemporaryFile.contents { try write(blocks, to: $0, isClosed: isClosed) } } catch {
            preconditionFailure("a recording could not be made: \(error)")
        }
    }

    private static func write(_ blocks: [[UInt8]], to descriptor: Int32, isClosed: Bool) throws {
        var writer = try RecordingWriter(descriptor: descriptor, path: "<temporary>")
        for block in blocks {
            try block.withUnsafeBytes { bytes in
                var records = RecordSequence(bytes)
                while let record = try records.next() { try writer.append(record) }
            }
            try writer.flush()
        }
        if isClosed { try writer.close() }
    }

    /// Every byte of the file is accounted for, once and in order; every block holds what it says.
    static func read(_ input: UnsafeRawBufferPointer) {
        guard var reader = try? RecordingReader(bytes: Array(input)) else { return }
        var position: Int?
        do {
            while let step = try reader.next() {
                switch step {
                case .block(let block):
                    precondition(block.offset == position ?? 16, "a block is out of place")
                    position = block.offset + block.bytes
                    var count = 0
                    reader.forEachRecord { record in
                        count += 1
                        decode(record)
                    }
                    precondition(count == block.records, "a block holds another number of records")
                case .damage(let damage):
                    // An end block is not handed out; only trailing bytes can follow it.
                    let expected = (position ?? (damage.offset == 0 ? 0 : 16)) + (reader.wasClosedCleanly ? 40 : 0)
                    precondition(damage.offset == expected, "damage is out of place")
                    position = damage.offset + damage.bytes
                }
            }
        } catch {
            preconditionFailure("reading memory failed: \(error)")
        }
    }
}
