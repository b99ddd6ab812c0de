public import EventModel

/// A stretch of a recording that cannot be believed, and is left out.
public struct Damage: Hashable, Sendable {
    /// Bytes from the start of the file.
    public var offset: Int
    /// Length in bytes; 0 where blocks are missing altogether.
    public var bytes: Int
    /// Nil where nobody can tell any more.
    public var recordsLost: Int?
    /// What was lost lies between these, as far as the damaged block's own header or its neighbours tell.
    public var from: BootTime?
    public var to: BootTime?
    public var why: Why

    public init(
        offset: Int, bytes: Int, recordsLost: Int? = nil, from: BootTime? = nil, to: BootTime? = nil, why: Why
    ) {
        self.offset = offset
        self.bytes = bytes
        self.recordsLost = recordsLost
        self.from = from
        self.to = to
        self.why = why
    }

    public enum Why: String, Hashable, Sendable, CaseIterable {
        case fileHeader = "the file's header is damaged"
        case blockHeader = "a block's header is damaged"
        case payload = "a block's checksum is wrong"
        case framing = "a block does not hold the records it says"
        case cutOff = "the file is cut off within a block"
        case missing = "blocks are missing"
        case outOfOrder = "a block comes twice or out of order"
        case trailing = "something follows the end"
    }
}

/// A recording that cannot be read at all.
public enum RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchFile(path: String)
    case isDirectory(path: String)
    /// It is something else.
    case notARecording(path: String)
    /// It was made by a later version.
    case unsupported(path: String, version: UInt32)
    case unreadable(SystemCallError)

    public var description: String {
        switch self {
        case .noSuchFile(let path): "\(path): there is no such file"
        case .isDirectory(let path): "\(path): this is a directory, and a recording is a file"
        case .notARecording(let path): "\(path): this is no recording"
        case .unsupported(let path, let version): "\(path): format version \(version) is not known here"
        case .unreadable(let error): "\(error.object): \(error.call) failed with errno \(error.errno)"
        }
    }
}
