// RFC 8259. What a terminal or an editor would act on is escaped as well (C1 controls, directional and invisible
// characters): a reader of the JSON gets the same string, and nothing happens to whoever looks at the bytes.
extension JSONValue {
    /// Two spaces a level, a line a member; ends in a newline.
    public var pretty: String {
        var text = ""
        write(to: &text, indent: 0)
        return text + "\n"
    }

    /// One line, without a newline at its end.
    public var compact: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += String(number)
        case .unsigned(let number): text += String(number)
        case .number(let number): text += number.isFinite ? String(number) : "null"
        case .string(let string): Self.write(string, to: &text)
        case .array(let items):
            Self.write(items, between: ("[", "]"), to: &text, indent: indent) { item, text, indent in
                item.write(to: &text, indent: indent)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indent: indent) { member, text, indent in
                Self.write(member.name, to: &text)
                text += indent == nil ? ":" : ": "
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between brackets: (String, String), to text: inout String, indent: Int?,
        item write: (Item, inout String, Int?) -> Void
    ) {
        text += brackets.0
        let inner = indent.map { $0 + 1 }
        for (position, item) in items.enumerated() {
            if position > 0 { text += "," }
            breakLine(in: &text, indent: inner)
            write(item, &text, inner)
        }
        if !items.isEmpty { breakLine(in: &text, indent: indent) }
        text += brackets.1
    }

    private static func breakLine(in text: inout String, indent: Int?) {
        guard let indent else { return }
        text += "\n"
        for _ in 0..<indent { text += "  " }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case " "..."~": text.unicodeScalars.append(scalar)
            default:
                if VisibleText.isVisible(scalar) || scalar == "\u{fffd}" {
                    text.unicodeScalars.append(scalar)
                } else {
                    for unit in UTF16.encode(scalar) ?? .init() { text += "\\u" + hexadecimal(unit, digits: 4) }
                }
            }
        }
        text += "\""
    }

    private static func hexadecimal(_ number: UInt16, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
