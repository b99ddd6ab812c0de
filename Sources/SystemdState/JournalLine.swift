/// A line of `journalctl -o json`: one object. A value is a text; null where it is too long; an array of numbers where it
/// is no UTF-8; an array of such values where the field comes more than once, of which the first counts.
struct JournalLine {
    /// Nil where the line is no such object. Fields before the error are not handed out either.
    static func parse(_ line: ArraySlice<UInt8>) -> JournalFields? {
        var parser = JournalLine(rest: line)
        return parser.object()
    }

    private var rest: ArraySlice<UInt8>
    private var fields = JournalFields()

    private init(rest: ArraySlice<UInt8>) { self.rest = rest }

    private mutating func object() -> JournalFields? {
        guard take("{") else { return nil }
        if take("}") { return isAtEnd ? fields : nil }
        repeat {
            guard let name = string(), take(":"), value(of: name.withUnsafeBytes { JournalField.named($0) }) else {
                return nil
            }
        } while take(",")
        return take("}") && isAtEnd ? fields : nil
    }

    private var isAtEnd: Bool { rest.allSatisfy(Self.isBlank) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        rest = rest.drop(while: Self.isBlank)
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Reads a value, whatever it is, and keeps it where the field is of use.
    private mutating func value(of field: JournalField?) -> Bool {
        rest = rest.drop(while: Self.isBlank)
        switch rest.first {
        case UInt8(ascii: "\""):
            guard let bytes = string() else { return false }
            if let field { bytes.withUnsafeBytes { fields.add(field, $0) } }
            return true
        case UInt8(ascii: "["): return array(of: field, isInner: false)
        default: return !word().isEmpty
        }
    }

    /// A number, or null, true, false.
    private mutating func word() -> ArraySlice<UInt8> {
        rest = rest.drop(while: Self.isBlank)
        let word = rest.prefix { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-+.E".utf8.contains(byte)
        }
        rest = rest[word.endIndex...]
        return word
    }

    private mutating func array(of field: JournalField?, isInner: Bool) -> Bool {
        guard take("[") else { return false }
        if take("]") { return true }
        var bytes: [UInt8] = []
        repeat {
            rest = rest.drop(while: Self.isBlank)
            switch rest.first {
            case UInt8(ascii: "\""):
                guard value(of: field) else { return false }
            case UInt8(ascii: "["):
                // Values are not nested deeper than this.
                guard !isInner, array(of: field, isInner: true) else { return false }
            default:
                guard let number = number() else { return false }
                bytes.append(number)
            }
        } while take(",")
        if let field, !bytes.isEmpty { bytes.withUnsafeBytes { fields.add(field, $0) } }
        return take("]")
    }

    private mutating func number() -> UInt8? {
        let word = word()
        if word.elementsEqual("null".utf8) { return 0 }
        return UInt8(String(decoding: word, as: UTF8.self))
    }

    private mutating func string() -> [UInt8]? {
        guard take("\"") else { return nil }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return bytes
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                bytes += Array(String(scalar).utf8)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): return unicode()
        case .some(let byte): return Unicode.Scalar(byte)
        case nil: return nil
        }
    }

    private mutating func unicode() -> Unicode.Scalar? {
        guard let first = unit() else { return nil }
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard rest.starts(with: "\\u".utf8) else { return "\u{FFFD}" }
        rest.removeFirst(2)
        guard let second = unit() else { return nil }
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.isHexDigit) else { return nil }
        rest = rest[digits.endIndex...]
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
