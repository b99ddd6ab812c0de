/// A cursor over the bytes of one D-Bus message that nobody vouches for: every step is checked against the end and is nil
/// beyond it. Positions are counted from the message's start, since values are aligned to it.
struct BusReader {
    private let bytes: UnsafeRawBufferPointer
    private let isLittle: Bool
    private(set) var offset: Int

    init(_ bytes: UnsafeRawBufferPointer, isLittle: Bool, from offset: Int = 0) {
        self.bytes = bytes
        self.isLittle = isLittle
        self.offset = Swift.min(Swift.max(offset, 0), bytes.count)
    }

    var remaining: Int { bytes.count &- offset }

    /// Steps over padding, whatever is in it. False, as everywhere here, where that is beyond the end.
    mutating func align(to alignment: Int) -> Bool {
        let aligned = (offset &+ alignment &- 1) / alignment &* alignment
        guard aligned <= bytes.count else { return false }
        offset = aligned
        return true
    }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remaining else { return false }
        offset &+= count
        return true
    }

    mutating func byte() -> UInt8? {
        guard remaining > 0 else { return nil }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    /// A number of the message's byte order, aligned to its size.
    mutating func number<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard align(to: size), size <= remaining else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        offset &+= size
        return isLittle ? Value(littleEndian: value) : Value(bigEndian: value)
    }

    /// `s` and `o`: UTF-8 without a NUL inside, and one behind it.
    mutating func text() -> String? {
        guard let length = number(UInt32.self) else { return nil }
        return characters(Int(clamping: length))
    }

    /// `g`: a length of one byte.
    mutating func signature() -> String? {
        guard let length = byte() else { return nil }
        return characters(Int(length))
    }

    private mutating func characters(_ count: Int) -> String? {
        guard count < remaining, bytes[offset &+ count] == 0 else { return nil }
        let piece = bytes[offset..<(offset &+ count)]
        guard !piece.contains(0), let text = String(validating: piece, as: UTF8.self) else { return nil }
        offset &+= count &+ 1
        return text
    }
}
