import CProbeLoader
import EventModel

/// Records of one ring on their way out, in memory of a fixed size.
final class RecordBatch {
    let bytes: UnsafeMutablePointer<UInt8>
    let capacity: Int
    var used = 0

    init(capacity: Int) {
        self.capacity = capacity
        bytes = .allocate(capacity: capacity)
    }

    deinit { bytes.deallocate() }

    /// No room for another record of any size: what the ring still holds must wait.
    var isFull: Bool { capacity - used < Self.largestRecord }

    private static let largestRecord = CULPRIT_RECORD_MAX

    /// Where a record lies.
    struct Position {
        var time: UInt64
        var offset: UInt32
        var size: UInt32
        var lane: UInt8
    }

    subscript(position: Position) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(position.offset), count: Int(position.size))
    }

    /// Time of the last record, `.zero` when there is none.
    var latest: BootTime {
        var latest: UInt64 = 0
        forEach { latest = max(latest, $0.time) }
        return BootTime(nanoseconds: latest)
    }

    func forEachRecord(_ body: (UnsafeRawBufferPointer) -> Void) {
        forEach { body(self[$0]) }
    }

    func list(upTo limit: BootTime, lane: UInt8, into order: inout [Position]) {
        forEach { position in
            guard position.time <= limit.nanoseconds else { return }
            var position = position
            position.lane = lane
            order.append(position)
        }
    }

    /// Forgets the records up to `limit` and moves the others to the front.
    func keep(after limit: BootTime) {
        var kept = 0
        forEach { position in
            guard position.time > limit.nanoseconds else { return }
            (bytes + kept).update(from: bytes + Int(position.offset), count: Int(position.size))
            kept += Int(position.size)
        }
        used = kept
    }

    /// The loader lets in only records whose header gives their true size, so the walk cannot leave the batch; it stops
    /// all the same where a size makes no sense.
    private func forEach(_ body: (Position) -> Void) {
        let raw = UnsafeRawBufferPointer(start: bytes, count: used)
        var offset = 0
        while used - offset >= 40 {
            let size = Int(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            guard size >= 40, size <= used - offset else { return }
            let time = raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            body(Position(time: time, offset: UInt32(offset), size: UInt32(size), lane: 0))
            offset += size
        }
    }
}
