/// A shell pattern that must match the whole string: `*` any run, `?` one character, `[a-z]`, `[!a-z]`, `\` the next
/// character as it is. The work is at most pattern times text; it never recurses, so no text can make it slow or deep.
public struct Glob: Hashable, Sendable {
    public let pattern: String
    private let tokens: [Token]
    /// What the text must begin and end with; most texts are told apart by that.
    private let prefix: [UInt8]
    private let suffix: [UInt8]

    private enum Token: Hashable, Sendable {
        case any
        case one
        case literal([UInt8])
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    /// Throws where a `[` has no `]`, a range is reversed, or a `\` ends the pattern.
    public init(_ pattern: String) throws(InvalidGlob) {
        self.pattern = pattern
        var tokens: [Token] = []
        var rest = pattern.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if tokens.last != .any { tokens.append(.any) }
            case "?": tokens.append(.one)
            case "[": tokens.append(try Self.parseSet(&rest, in: pattern))
            case "\\":
                guard let next = rest.popFirst() else {
                    throw InvalidGlob(pattern: pattern, why: "it ends in a lone \\")
                }
                Self.append(next, to: &tokens)
            default: Self.append(scalar, to: &tokens)
            }
        }
        self.tokens = tokens
        if case .literal(let run) = tokens.first { prefix = run } else { prefix = [] }
        if case .literal(let run) = tokens.last { suffix = run } else { suffix = [] }
    }

    private static func append(_ scalar: Unicode.Scalar, to tokens: inout [Token]) {
        let bytes = Array(String(scalar).utf8)
        if case .literal(let run) = tokens.last {
            tokens[tokens.count - 1] = .literal(run + bytes)
        } else {
            tokens.append(.literal(bytes))
        }
    }

    private static func parseSet(
        _ rest: inout Substring.UnicodeScalarView, in pattern: String
    ) throws(InvalidGlob) -> Token {
        let negated = rest.first == "!" || rest.first == "^"
        if negated { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let first = rest.popFirst() {
            if first == "]", !ranges.isEmpty { return .set(ranges, negated: negated) }
            let low = try unescaped(first, &rest, in: pattern)
            var high = low
            if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
                rest.removeFirst(2)
                high = try unescaped(end, &rest, in: pattern)
            }
            guard low <= high else { throw InvalidGlob(pattern: pattern, why: "the range \(low)-\(high) is reversed") }
            ranges.append(low...high)
        }
        throw InvalidGlob(pattern: pattern, why: "a [ has no ]")
    }

    /// In a set, too, `\` takes the next character as it is.
    private static func unescaped(
        _ scalar: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView, in pattern: String
    ) throws(InvalidGlob) -> Unicode.Scalar {
        guard scalar == "\\" else { return scalar }
        guard let next = rest.popFirst() else { throw InvalidGlob(pattern: pattern, why: "it ends in a lone \\") }
        return next
    }

    /// What every text that matches begins with, in UTF-8; empty where that may be anything.
    public var literalPrefix: [UInt8] { prefix }

    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(utf8: $0) }
    }

    /// The same on bytes; those that are no UTF-8 match only `*`.
    public func matches(utf8 text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard couldMatch(text) else { return false }
        var token = 0
        var index = 0
        var retry: (token: Int, index: Int)?
        while index < text.count || token < tokens.count {
            if token < tokens.count {
                if case .any = tokens[token] {
                    token += 1
                    retry = (token, index)
                    continue
                }
                if let length = Self.length(of: tokens[token], in: text, at: index) {
                    token += 1
                    index += length
                    continue
                }
            }
            guard let (next, start) = retry, start < text.count else { return false }
            retry = (next, start + 1)
            token = next
            index = start + 1
        }
        return true
    }

    private func couldMatch(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= suffix.count, text.count >= prefix.count else { return false }
        for index in prefix.indices where text[index] != prefix[index] { return false }
        let start = text.count - suffix.count
        for index in suffix.indices where text[start + index] != suffix[index] { return false }
        return true
    }

    /// How many bytes of the text the token takes there; nil where it does not fit.
    private static func length(of token: Token, in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        switch token {
        case .any: return 0
        case .literal(let run):
            guard text.count - index >= run.count, text[index] == run.first else { return nil }
            return text[index..<(index + run.count)].elementsEqual(run) ? run.count : nil
        case .one: return scalar(in: text, at: index)?.length
        case .set(let ranges, let negated):
            guard let (scalar, length) = scalar(in: text, at: index) else { return nil }
            return ranges.contains { $0.contains(scalar) } != negated ? length : nil
        }
    }

    private static func scalar(
        in text: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        guard index < text.count else { return nil }
        if text[index] < 0x80 { return (Unicode.Scalar(text[index]), 1) }
        var decoder = UTF8()
        var bytes = text[index..<min(index + 4, text.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        return (scalar, UTF8.width(scalar))
    }
}

/// A pattern that cannot be read, and why.
public struct InvalidGlob: Error, Hashable, Sendable {
    public var pattern: String
    public var why: String
}
