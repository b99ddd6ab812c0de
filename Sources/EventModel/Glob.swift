/// A shell pattern that must match the whole string: `*` any run, `?` one character, `[a-z]`, `[!a-z]`, `\` the next
/// character as it is. Linear in pattern times text; it never recurses, so no text can make it slow or deep.
public struct Glob: Hashable, Sendable {
    public let pattern: String
    private let tokens: [Token]

    private enum Token: Hashable, Sendable {
        case any
        case one
        case literal(Unicode.Scalar)
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
                guard let next = rest.popFirst() else { throw InvalidGlob(pattern: pattern, why: "it ends in a lone \\") }
                tokens.append(.literal(next))
            default: tokens.append(.literal(scalar))
            }
        }
        self.tokens = tokens
    }

    private static func parseSet(_ rest: inout Substring.UnicodeScalarView, in pattern: String) throws(InvalidGlob) -> Token {
        let negated = rest.first == "!" || rest.first == "^"
        if negated { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let low = rest.popFirst() {
            if low == "]", !ranges.isEmpty { return .set(ranges, negated: negated) }
            var high = low
            if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
                rest.removeFirst(2)
                high = end
            }
            guard low <= high else { throw InvalidGlob(pattern: pattern, why: "the range \(low)-\(high) is reversed") }
            ranges.append(low...high)
        }
        throw InvalidGlob(pattern: pattern, why: "a [ has no ]")
    }

    public func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var token = 0
        var index = 0
        var retry: (token: Int, index: Int)?
        while index < text.count {
            if token < tokens.count, case .any = tokens[token] {
                retry = (token + 1, index)
                token += 1
            } else if token < tokens.count, Self.accepts(tokens[token], text[index]) {
                token += 1
                index += 1
            } else if let (nextToken, start) = retry {
                token = nextToken
                index = start + 1
                retry = (nextToken, start + 1)
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .any }
    }

    private static func accepts(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .any: false
        case .one: true
        case .literal(let literal): literal == scalar
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
        }
    }
}

/// A pattern that cannot be read, and why.
public struct InvalidGlob: Error, Hashable, Sendable {
    public var pattern: String
    public var why: String
}
