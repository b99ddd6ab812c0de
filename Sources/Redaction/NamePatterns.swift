import EventModel

/// Patterns for names of variables, matched whatever the case (of ASCII letters).
struct NamePatterns: Sendable {
    private let patterns: [(folded: Glob?, asGiven: Glob)]

    init(_ patterns: [Glob]) {
        self.patterns = patterns.map { pattern in
            let text = String(decoding: pattern.pattern.utf8.map(\.folded), as: UTF8.self)
            // Folding can turn a range round (`[Z-a]`); the pattern then counts as it was given.
            return ((try? Glob(text)), pattern)
        }
    }

    func match(_ name: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard !name.isEmpty, !patterns.isEmpty else { return false }
        let folded = bytes.foldedText(name)
        return patterns.contains { pattern in
            if let glob = pattern.folded { return glob.matches(folded) }
            return pattern.asGiven.matches(String(decoding: bytes[name], as: UTF8.self))
        }
    }

    /// A string that every match of the pattern contains, the longest; nil where there is none to rely on.
    static func necessaryText(of pattern: Glob) -> String? {
        var longest: [UInt8] = []
        var run: [UInt8] = []
        var inSet = false
        for byte in pattern.pattern.utf8 {
            // A set or an escape ends what is certain; after a `[` nothing is, for a `]` may stand inside it.
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\\") { inSet = true }
            if inSet { break }
            if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte >= 0x80 {
                run = []
            } else {
                run.append(byte)
                if run.count > longest.count { longest = run }
            }
        }
        return longest.isEmpty ? nil : String(decoding: longest, as: UTF8.self)
    }
}
