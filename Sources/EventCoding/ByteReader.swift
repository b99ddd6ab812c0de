/// A cursor over bytes that nobody vouches for: every step is checked against the end and is nil beyond it.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset: Int

    init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) {
        self.bytes = bytes
        self.offset = Swift.min(Swift.max(offset, 0), bytes.count)
    }

    var remaining: Int { bytes.count &- offset }

    /// The next `count` bytes, without a copy.
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= remaining else { return nil }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset &+ count)])
        offset &+= count
        return piece
    }

    /// A value in native layout at any alignment; for the structures of event.h.
    mutating func value<Value: BitwiseCopyable>(_ type: Value.Type) -> Value? {
        guard MemoryLayout<Value>.size <= remaining else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        offset &+= MemoryLayout<Value>.size
        return value
    }

    /// A little-endian integer at any alignment.
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value? {
        value(type).map(Value.init(littleEndian:))
    }

    /// Bytes behind a u32 that says how many.
    mutating func counted() -> UnsafeRawBufferPointer? {
        guard let count = integer(UInt32.self) else { return nil }
        return take(Int(clamping: count))
    }

    /// Text behind a u32 that says how many bytes; what is no UTF-8 becomes U+FFFD.
    mutating func string() -> String? {
        counted().map { String(decoding: $0, as: UTF8.self) }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes before the first NUL, or all of them.
    var upToNUL: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[..<(firstIndex(of: 0) ?? endIndex)])
    }
}
