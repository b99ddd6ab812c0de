import EventModel

/// A document that does not hold what its schema says.
public struct DocumentError: Error, Hashable, Sendable {
    /// `verdict.culprit.chain.2.pid`, for example.
    public var path: String
    public var why: String
}

/// One object of a document being read; every error says where.
struct DocumentReader {
    let value: JSONValue
    let path: String
    let offset: WallOffset

    init(_ value: JSONValue, path: String = "", offset: WallOffset) {
        self.value = value
        self.path = path
        self.offset = offset
    }

    func error(_ name: String, _ why: String) -> DocumentError {
        DocumentError(path: path.isEmpty ? name : "\(path).\(name)", why: why)
    }

    /// The member, nil for null; an error where there is none.
    private func member(_ name: String) throws(DocumentError) -> JSONValue? {
        guard let member = value[name] else { throw error(name, "is missing") }
        // Not `nil`: that is a JSON value, too.
        return member.isNull ? Optional.none : member
    }

    private func required<Value>(_ name: String, _ value: Value?, _ what: String) throws(DocumentError) -> Value {
        guard let value else { throw error(name, "is not \(what)") }
        return value
    }

    /// Nil for null, an error where it is something else than `read` takes.
    private func optional<Value>(_ name: String, _ what: String, _ read: (JSONValue) -> Value?) throws(DocumentError)
        -> Value?
    {
        guard let member = try member(name) else { return nil }
        return try required(name, read(member), what)
    }

    func optionalText(_ name: String) throws(DocumentError) -> String? { try optional(name, "a string") { $0.text } }
    func text(_ name: String) throws(DocumentError) -> String {
        try required(name, try optionalText(name), "a string")
    }

    func optionalNumber<Number: FixedWidthInteger>(_ name: String) throws(DocumentError) -> Number? {
        try optional(name, "a whole number") { $0.number() }
    }
    func number<Number: FixedWidthInteger>(_ name: String) throws(DocumentError) -> Number {
        try required(name, try optionalNumber(name), "a whole number")
    }

    func flag(_ name: String) throws(DocumentError) -> Bool {
        try required(name, try optional(name, "a flag") { $0.flag }, "a flag")
    }
    /// What JSON has no number for was written as null.
    func double(_ name: String) throws(DocumentError) -> Double {
        try optional(name, "a number") { $0.double } ?? .nan
    }

    func optionalDouble(_ name: String) throws(DocumentError) -> Double? {
        try optional(name, "a number") { $0.double }
    }

    func optionalTime(_ name: String) throws(DocumentError) -> BootTime? {
        try optional(name, "a time") { value in value.text.flatMap(WallTime.init(rfc3339:)).map(offset.boot) }
    }
    func time(_ name: String) throws(DocumentError) -> BootTime {
        try required(name, try optionalTime(name), "a time")
    }

    /// A string that stands for one of the type's cases.
    func choice<Choice: RawRepresentable>(_ name: String) throws(DocumentError) -> Choice
    where Choice.RawValue == String {
        try required(name, try optionalChoice(name), "a known word")
    }
    func optionalChoice<Choice: RawRepresentable>(_ name: String) throws(DocumentError) -> Choice?
    where Choice.RawValue == String {
        try optional(name, "a known word") { value in value.text.flatMap(Choice.init(rawValue:)) }
    }

    func texts(_ name: String) throws(DocumentError) -> [String] {
        let texts = try optional(name, "a list of strings") { value in
            value.items.flatMap { items in
                let texts = items.compactMap(\.text)
                return texts.count == items.count ? texts : nil
            }
        }
        return try required(name, texts, "a list of strings")
    }

    /// The object of that name; nil for null.
    func optionalObject<Value>(_ name: String, _ read: (DocumentReader) throws(DocumentError) -> Value)
        throws(DocumentError) -> Value?
    {
        guard let member = try member(name) else { return nil }
        guard member.members != nil else { throw error(name, "is not an object") }
        return try read(DocumentReader(member, path: path.isEmpty ? name : "\(path).\(name)", offset: offset))
    }
    func object<Value>(_ name: String, _ read: (DocumentReader) throws(DocumentError) -> Value)
        throws(DocumentError) -> Value
    {
        try required(name, try optionalObject(name, read), "an object")
    }

    /// Every item of the list of that name.
    func list<Value>(_ name: String, _ read: (DocumentReader) throws(DocumentError) -> Value)
        throws(DocumentError) -> [Value]
    {
        let items = try required(name, try member(name)?.items, "a list")
        var values: [Value] = []
        for (number, item) in items.enumerated() {
            let here = error("\(name).\(number)", "").path
            values.append(try read(DocumentReader(item, path: here, offset: offset)))
        }
        return values
    }
}
