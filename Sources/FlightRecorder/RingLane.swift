internal import EventModel
internal import Glibc

/// Records in a fixed piece of memory, each in one piece, the oldest overwritten first.
///
///     not wrapped   [ free | oldest ...... next | free ]
///     wrapped       [ newer .... next | free | oldest ...... lapEnd | unused ]
///
/// A record that does not fit behind `next` goes to the start, and what is left at the end stays unused for that lap:
/// so a record never has to be put together from two halves to be read.
struct RingLane: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    private let capacity: Int
    private var oldest = 0
    private var next = 0
    /// Where the upper part ends; meaningful only while wrapped.
    private var lapEnd = 0
    private var isWrapped = false
    private var records = 0
    private var bytes = 0
    private var evicted: UInt64 = 0
    private var refused: UInt64 = 0
    private var newestEvicted: BootTime?

    /// Mapped and touched at once, so that a lack of memory shows here and not in the middle of a storm.
    init(capacity: Int) throws(SystemCallError) {
        let rounded = max(0, capacity) & ~(RecordFrame.alignment - 1)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE
        let address = mmap(nil, max(rounded, RecordFrame.alignment), PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address, address != MAP_FAILED else {
            throw SystemCallError(call: "mmap", object: "flight ring of \(rounded) bytes", errno: errno)
        }
        memory = UnsafeMutableRawBufferPointer(start: address, count: max(rounded, RecordFrame.alignment))
        self.capacity = rounded
    }

    deinit { munmap(memory.baseAddress, memory.count) }

    mutating func append(_ record: UnsafeRawBufferPointer) -> Bool {
        guard let frame = RecordFrame(whole: record), frame.size <= capacity else {
            refused &+= 1
            return false
        }
        makeRoom(for: frame.size)
        UnsafeMutableRawBufferPointer(rebasing: memory[next..<(next + frame.size)]).copyMemory(from: record)
        next += frame.size
        records += 1
        bytes += frame.size
        return true
    }

    /// Evicts until `size` bytes are free behind `next`. Ends: each step evicts, wraps, or starts over empty.
    private mutating func makeRoom(for size: Int) {
        while true {
            if records == 0 {
                oldest = 0
                next = 0
                isWrapped = false
            }
            if isWrapped {
                if oldest - next >= size { return }
                evictOldest()
            } else if capacity - next >= size {
                return
            } else {
                lapEnd = next
                next = 0
                isWrapped = true
            }
        }
    }

    private mutating func evictOldest() {
        guard let record = record(at: first) else {
            // Cannot be; an empty lane is better than a loop without end.
            records = 0
            bytes = 0
            return
        }
        evicted &+= 1
        newestEvicted = max(newestEvicted ?? record.time, record.time)
        records -= 1
        bytes -= record.bytes.count
        oldest += record.bytes.count
        if isWrapped, oldest == lapEnd {
            oldest = 0
            isWrapped = false
        }
    }

    var holding: FlightRing.Holding {
        FlightRing.Holding(
            records: records, bytes: bytes, capacity: capacity, evicted: evicted, refused: refused,
            newestEvicted: newestEvicted)
    }
}

extension RingLane {
    /// A place among the records, from the oldest on.
    struct Cursor {
        var offset: Int
        var remaining: Int

        static let none = Cursor(offset: 0, remaining: 0)
    }

    struct Record {
        var bytes: UnsafeRawBufferPointer
        var time: BootTime
    }

    var first: Cursor { Cursor(offset: oldest, remaining: records) }

    func record(at cursor: Cursor) -> Record? {
        guard cursor.remaining > 0 else { return nil }
        // The sizes here were checked on the way in, and nobody else writes this memory.
        let bytes = UnsafeRawBufferPointer(memory)
        guard let frame = RecordFrame(bytes, at: cursor.offset) else { return nil }
        let end = cursor.offset + frame.size
        return Record(bytes: UnsafeRawBufferPointer(rebasing: bytes[cursor.offset..<end]), time: frame.time)
    }

    func after(_ cursor: Cursor, _ record: Record) -> Cursor {
        let end = cursor.offset + record.bytes.count
        return Cursor(offset: isWrapped && end == lapEnd ? 0 : end, remaining: cursor.remaining - 1)
    }

    /// What must always hold and does not.
    func violations() -> [String] {
        var found: [String] = []
        if !(0...capacity).contains(oldest) || !(0...capacity).contains(next) { found.append("an offset is outside") }
        if isWrapped, next > oldest || lapEnd < oldest || lapEnd > capacity { found.append("the laps overlap") }
        if !isWrapped, oldest > next { found.append("not wrapped, but the end is before the start") }
        var cursor = first
        var total = 0
        while let record = record(at: cursor) {
            total += record.bytes.count
            cursor = after(cursor, record)
        }
        if cursor.remaining != 0 { found.append("\(cursor.remaining) records cannot be reached") }
        if cursor.offset != next, records > 0 { found.append("the last record does not end at the end") }
        if total != bytes || bytes > capacity { found.append("\(bytes) bytes counted, \(total) there") }
        return found
    }
}
