import EventModel
import FlightRecorder

/// Everything that a recording gave.
struct Recording: Equatable {
    var records: [[UInt8]] = []
    var blocks: [RecordingReader.Block] = []
    var damage: [Damage] = []
    var wasClosedCleanly = false

    init(path: String) throws {
        var reader = try RecordingReader(path: path)
        try read(&reader)
    }

    init(bytes: [UInt8]) throws {
        var reader = try RecordingReader(bytes: bytes)
        try read(&reader)
    }

    private mutating func read(_ reader: inout RecordingReader) throws {
        while let step = try reader.next() {
            switch step {
            case .block(let block):
                blocks.append(block)
                reader.forEachRecord { records.append(Array($0)) }
            case .damage(let damage): self.damage.append(damage)
            }
        }
        wasClosedCleanly = reader.wasClosedCleanly
    }
}

/// Writes the records, each inner array one block.
func writeRecording(_ blocks: [[[UInt8]]], to path: String, isClosed: Bool = true) throws {
    var writer = try RecordingWriter(path: path)
    for block in blocks {
        for record in block { _ = try record.withUnsafeBytes { try writer.append($0) } }
        try writer.flush()
    }
    if isClosed { try writer.close() }
}

func recordingBytes(_ blocks: [[[UInt8]]], isClosed: Bool = true) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
        try writeRecording(blocks, to: directory + "/r", isClosed: isClosed)
        return try contents(of: directory + "/r")
    }
}

/// Three blocks of two or three records each, no two records alike.
let threeBlocks: [[[UInt8]]] = [
    [record(size: 40, time: 10, mark: 1), record(size: 56, time: 12, mark: 2)],
    [record(size: 48, time: 20, mark: 3), record(size: 40, time: 19, mark: 4), record(size: 40, time: 25, mark: 5)],
    [record(size: 64, time: 30, mark: 6), record(size: 40, time: 31, mark: 7)],
]
