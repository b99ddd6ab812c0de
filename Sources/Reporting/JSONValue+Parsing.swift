/// Bytes that are no JSON text, or one that nests deeper or is larger than is taken.
public struct JSONError: Error, Hashable, Sendable {
    /// Offset of the first byte that does not fit.
    public var offset: Int
    public var why: String
}

extension JSONValue {
    /// Arrays and objects in each other: more than any document of ours has.
    private static let deepest = 64

    /// RFC 8259, the whole of `text`. Bytes that are no UTF-8 become U+FFFD. What it makes is at most a small multiple of
    /// the text.
    public init(parsing text: some Sequence<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(Array(text))
        self = try scanner.value(depth: Self.deepest)
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw scanner.error("something follows the value") }
    }
}

/// Reads one value after the other; every byte is looked at once.
private struct JSONScanner {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func error(_ why: String) -> JSONError { JSONError(offset: offset, why: why) }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try items(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let isThere = word.withUTF8Buffer { bytes[offset...].starts(with: $0) }
        guard isThere else { throw error("no value") }
        offset += word.utf8CodeUnitCount
        return value
    }

    private mutating func items(depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth > 0 else { throw error("nested too deep") }
        offset += 1
        var items: [JSONValue] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth - 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw error("neither , nor ] after an item") }
        }
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSONValue.Member] {
        guard depth > 0 else { throw error("nested too deep") }
        offset += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("no name of a member") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw error("no : after a name") }
            members.append(JSONValue.Member(name: name, value: try value(depth: depth - 1)))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw error("neither , nor } after a member") }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
            case ..<0x20: throw error("a control character in a string")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw error("a string without an end")
    }

    /// A backslash and what follows it. Half a surrogate pair is U+FFFD.
    private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
        offset += 1
        guard let byte = next else { throw error("a string without an end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"): return try unicode()
        default: throw error("no such escape")
        }
    }

    private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        guard 0xd800..<0xdc00 ~= first, bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            return Unicode.Scalar(first) ?? "\u{fffd}"
        }
        let start = offset
        offset += 2
        let second = try hexadecimal()
        guard 0xdc00..<0xe000 ~= second else {
            offset = start
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (UInt32(first - 0xd800) << 10) + UInt32(second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var number: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8? =
                switch next {
                case let byte? where (0x30...0x39).contains(byte): byte - 0x30
                case let byte? where (0x41...0x46).contains(byte): byte - 0x41 + 10
                case let byte? where (0x61...0x66).contains(byte): byte - 0x61 + 10
                default: nil
                }
            guard let digit else { throw error("no four hexadecimal digits") }
            number = number << 4 | UInt16(digit)
            offset += 1
        }
        return number
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        _ = take("-")
        let first = next
        let digits = digits()
        guard digits > 0, digits == 1 || first != UInt8(ascii: "0") else { throw error("no value") }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard self.digits() > 0 else { throw error("no digit after the point") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard self.digits() > 0 else { throw error("no digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        if isWhole, let number = UInt64(text) { return .unsigned(number) }
        guard let number = Double(text) else { throw error("no number") }
        return .number(number)
    }

    private mutating func digits() -> Int {
        let start = offset
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
        return offset - start
    }
}
