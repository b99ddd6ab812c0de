internal import EventModel

/// What this target knows of a record: its size (u32 at byte 0) and its time (u64 at byte 8). The rest is opaque.
struct RecordFrame {
    var size: Int
    var time: BootTime

    /// Bytes of the header that every record starts with (`struct culprit_header`, event.h).
    static let minimumSize = 40
    static let alignment = 8

    /// The frame of the record at `offset`; nil where there is none that ends within `bytes`.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        guard offset >= 0, offset <= bytes.count, bytes.count - offset >= Self.minimumSize else { return nil }
        let size = Int(clamping: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        guard size >= Self.minimumSize, size.isMultiple(of: Self.alignment), size <= bytes.count - offset else {
            return nil
        }
        self.size = size
        time = BootTime(nanoseconds: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }

    /// The frame of a buffer that is one record, no more and no less.
    init?(whole record: UnsafeRawBufferPointer) {
        self.init(record)
        guard size == record.count else { return nil }
    }
}
