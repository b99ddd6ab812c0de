internal import CEventABI
public import EventModel

/// What frames a record, readable without decoding it.
public struct RecordHeader: Hashable, Sendable {
    /// Bytes of the whole record, header included; at least 40, a multiple of 8, and no more than there are.
    public var size: Int
    /// `enum culprit_type` of event.h, or a `UserRecordType`.
    public var type: UInt16
    public var flags: UInt16
    public var time: BootTime

    /// Bytes of the smallest record.
    public static let minimumSize = MemoryLayout<culprit_header>.size
    /// Bytes of the largest record that the encoder makes; a block of a recording holds one of them.
    public static let maximumSize = 256 * 1024
    /// Every record's size is a multiple of it.
    public static let alignment = 8
}

/// A record that cannot be decoded, and why.
public struct MalformedRecord: Error, Hashable, Sendable, CustomStringConvertible {
    /// The type that it claims; nil where not even that could be read.
    public var type: UInt16?
    public var reason: Reason

    public init(type: UInt16?, reason: Reason) {
        self.type = type
        self.reason = reason
    }

    public enum Reason: String, Hashable, Sendable {
        case noHeader = "it is shorter than a header"
        case badSize = "its size is below 40, no multiple of 8, or beyond the end"
        case fixedPart = "it is shorter than the fixed part of its type"
        case piece = "a piece of it reaches beyond its end"
        case value = "a field holds a value that has no meaning"
    }

    public var description: String {
        "malformed record" + (type.map { " of type \($0)" } ?? "") + ": " + reason.rawValue
    }
}

extension RecordHeader {
    /// The header at the start of `bytes`; throws where its size cannot be.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(MalformedRecord) -> culprit_header {
        var reader = ByteReader(bytes)
        guard let raw = reader.value(culprit_header.self) else { throw MalformedRecord(type: nil, reason: .noHeader) }
        guard raw.size >= UInt32(minimumSize), raw.size % UInt32(alignment) == 0, Int(raw.size) <= bytes.count else {
            throw MalformedRecord(type: raw.type, reason: .badSize)
        }
        return raw
    }
}
