internal import CEventABI

/// Records that lie one behind the other in memory; valid as long as that memory is.
public struct RecordSequence {
    private let bytes: UnsafeRawBufferPointer
    private var broken = false
    /// Bytes from the start of the buffer to the next record.
    public private(set) var offset = 0

    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next record, nil at the end. Throws once where a size cannot be: what follows has no known border, so the
    /// sequence is over then.
    public mutating func next() throws(BrokenSequence) -> UnsafeRawBufferPointer? {
        guard !broken, offset < bytes.count else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        do {
            let size = Int(try RecordHeader.read(rest).size)
            offset &+= size
            return UnsafeRawBufferPointer(rebasing: rest[..<size])
        } catch {
            broken = true
            throw BrokenSequence(offset: offset, why: error)
        }
    }
}

/// Where a sequence of records lost its framing, and why.
public struct BrokenSequence: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes from the start of the buffer to the record that cannot be.
    public var offset: Int
    public var why: MalformedRecord

    public init(offset: Int, why: MalformedRecord) {
        self.offset = offset
        self.why = why
    }

    public var description: String { "at byte \(offset): \(why)" }
}
