/// argv as the kernel held it at exec: words separated by NUL, not necessarily UTF-8, perhaps with its middle cut out.
public struct ArgumentVector: Hashable, Sendable {
    /// What was kept: the first bytes, and when cut also the last ones, each word ended by a NUL.
    public var head: [UInt8]
    public var tail: [UInt8]
    /// Length of the whole in bytes, before any cut.
    public var totalBytes: Int
    /// Reading it from the process faulted; `head` is empty.
    public var isUnreadable: Bool

    public init(head: [UInt8] = [], tail: [UInt8] = [], totalBytes: Int? = nil, isUnreadable: Bool = false) {
        self.head = head
        self.tail = tail
        self.totalBytes = totalBytes ?? (head.count + tail.count)
        self.isUnreadable = isUnreadable
    }

    public init(words: [String]) {
        self.init(head: words.flatMap { Array($0.utf8) + [0] })
    }

    public static let empty = ArgumentVector()

    public var isTruncated: Bool { totalBytes > head.count + tail.count }

    /// The words; where the middle was cut, a word `…` stands for what is missing. Bytes that are no UTF-8 become U+FFFD.
    public var words: [String] {
        guard isTruncated else { return Self.split(head + tail) }
        return Self.split(head) + ["…"] + (tail.isEmpty ? [] : Self.split(tail))
    }

    /// The words joined by single spaces: what patterns are matched against.
    public var joined: String { words.joined(separator: " ") }

    /// The same as bytes, for patterns: it costs no strings.
    public var joinedBytes: [UInt8] {
        guard isTruncated else { return Self.spaced(head + tail) }
        var bytes = head.isEmpty ? [] : Self.spaced(head) + [0x20]
        bytes += "…".utf8
        if !tail.isEmpty { bytes += [0x20] + Self.spaced(tail) }
        return bytes
    }

    private static func spaced(_ words: [UInt8]) -> [UInt8] {
        let end = words.last == 0 ? words.count - 1 : words.count
        return words[..<end].map { $0 == 0 ? 0x20 : $0 }
    }

    private static func split(_ bytes: [UInt8]) -> [String] {
        var pieces = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        return pieces.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// One whitelisted variable of a process's environment at exec.
public struct EnvironmentMarker: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
