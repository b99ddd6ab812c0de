internal import Czlib
internal import EventModel

// A recording file, version 1. All integers are little-endian; records are native, and the same machine's.
//
//   file header, 16 bytes
//      0  8 bytes  "CULPRIT\n"
//      8  u32      version, 1
//     12  u32      CRC-32 of bytes 0 to 11
//
//   blocks, one behind the other, each a header of 40 bytes
//      0  u32      magic, "CBLK" (a block of records) or "CEND" (the end)
//      4  u32      bytes of the payload, at most 262,144
//      8  u32      records in the payload
//     12  u32      sequence: 0, 1, 2, ... over all blocks of the file, the end included
//     16  u64      earliest time of its records, CLOCK_BOOTTIME in ns
//     24  u64      latest time
//     32  u32      CRC-32 of the payload
//     36  u32      CRC-32 of bytes 0 to 35
//   and the payload: that many records, one behind the other (event.h: u32 size at 0, u64 time at 8), nothing between.
//
// The last block is an end: no payload, no records, the times of the whole file. A file without one was not closed
// cleanly, and holds what was flushed. CRC-32 is zlib's (IEEE 802.3).
//
// A header that checks out is believed, its payload only when its own sum checks out too. After a damaged header the
// next one is searched for byte by byte, so one damaged block never costs its neighbours.

public enum RecordingFormat {
    public static let version: UInt32 = 1
    /// Bytes of the largest payload of a block, and so of the largest record.
    public static let largestPayload = 256 * 1024

    static let magic: [UInt8] = Array("CULPRIT\n".utf8)
    static let fileHeaderSize = 16
    static let blockHeaderSize = 40

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        return UInt32(truncatingIfNeeded: crc32(0, start, uInt(clamping: bytes.count)))
    }

    static var fileHeader: [UInt8] {
        var bytes = magic
        withUnsafeBytes(of: version.littleEndian) { bytes.append(contentsOf: $0) }
        let sum = bytes.withUnsafeBytes { checksum($0) }
        withUnsafeBytes(of: sum.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }
}

/// The header of a block.
struct BlockHeader: Hashable {
    var kind: Kind
    var payloadSize = 0
    var records: UInt32 = 0
    var sequence: UInt32
    var first: BootTime
    var last: BootTime
    var payloadChecksum: UInt32 = 0

    enum Kind: UInt32 {
        /// "CBLK"
        case records = 0x4b4c_4243
        /// "CEND"
        case end = 0x444e_4543

        /// First byte of either on disk.
        static let firstByte = UInt8(ascii: "C")
    }
}

extension BlockHeader {
    /// Nil where the bytes are no header, or its sum or its sizes are not right.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= RecordingFormat.blockHeaderSize,
            let kind = Kind(rawValue: Self.integer(bytes, 0)),
            RecordingFormat.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<36])) == Self.integer(bytes, 36)
        else { return nil }
        self.kind = kind
        payloadSize = Int(clamping: Self.integer(bytes, 4) as UInt32)
        records = Self.integer(bytes, 8)
        sequence = Self.integer(bytes, 12)
        first = BootTime(nanoseconds: Self.integer(bytes, 16))
        last = BootTime(nanoseconds: Self.integer(bytes, 24))
        payloadChecksum = Self.integer(bytes, 32)
        guard payloadSize <= RecordingFormat.largestPayload, kind == .records || payloadSize == 0 else { return nil }
    }

    /// Writes the 40 bytes to the start of `target`, which has room for them.
    func write(to target: UnsafeMutableRawBufferPointer) {
        func store(_ value: some FixedWidthInteger & BitwiseCopyable, _ offset: Int) {
            target.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
        }
        store(kind.rawValue, 0)
        store(UInt32(clamping: payloadSize), 4)
        store(records, 8)
        store(sequence, 12)
        store(first.nanoseconds, 16)
        store(last.nanoseconds, 24)
        store(payloadChecksum, 32)
        store(RecordingFormat.checksum(UnsafeRawBufferPointer(rebasing: target[..<36])), 36)
    }

    private static func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
