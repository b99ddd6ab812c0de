import EventModel

/// A JSON text as a value; members of an object keep their order, so that equal values give equal bytes.
public enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    /// Infinities and NaN, which JSON has not, are written as null.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    public init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    init(_ number: (some BinaryInteger)?) { self = number.map { .integer(Int64(clamping: $0)) } ?? .null }
    init(_ number: UInt64?) { self = number.map { .unsigned($0) } ?? .null }
    /// 64-bit counters of nanoseconds: a decimal string, which no reader rounds.
    init(counter time: BootTime) { self = .string(String(time.nanoseconds)) }
    init(strings: [String]) { self = .array(strings.map { .string($0) }) }
    init(_ value: JSONValue?) { self = value ?? .null }
}
