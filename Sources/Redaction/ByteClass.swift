// What a byte is, by ASCII alone: bytes of other characters are in no class, so no boundary falls inside a character.
extension UInt8 {
    var isLower: Bool { self >= 0x61 && self <= 0x7a }
    var isUpper: Bool { self >= 0x41 && self <= 0x5a }
    var isLetter: Bool { isLower || isUpper }
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isAlphanumeric: Bool { isLetter || isDigit }
    /// Space, tab, and the line breaks.
    var isBlank: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0d) }
    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
    /// Ends a command of a shell, or starts the next one.
    var separatesCommands: Bool {
        switch self {
        case UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "`"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0x0a:
            true
        default: false
        }
    }
    /// A character of a variable's, an option's or a header's name.
    var isNameByte: Bool {
        isAlphanumeric || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }
    var folded: UInt8 { isUpper ? self | 0x20 : self }
}

extension [UInt8] {
    /// Whether `text` (ASCII) stands at `index`.
    func has(_ text: StaticString, at index: Int) -> Bool {
        guard index >= 0, text.utf8CodeUnitCount <= count - index else { return false }
        return text.withUTF8Buffer { wanted in
            for offset in wanted.indices where self[index + offset] != wanted[offset] { return false }
            return true
        }
    }

    /// The same, whatever the case of the letters; `text` is in lower case.
    func has(folded text: StaticString, at index: Int) -> Bool {
        guard index >= 0, text.utf8CodeUnitCount <= count - index else { return false }
        return text.withUTF8Buffer { wanted in
            for offset in wanted.indices where self[index + offset].folded != wanted[offset] { return false }
            return true
        }
    }

    /// The first index at or after `start` and before `end` whose byte is no such byte; `end` if there is none.
    func runEnd(from start: Int, to end: Int, while isMember: (UInt8) -> Bool) -> Int {
        var index = start
        while index < end, isMember(self[index]) { index += 1 }
        return index
    }

    /// The bytes of a range as text, in lower case where they are ASCII.
    func foldedText(_ range: Range<Int>) -> String {
        String(decoding: self[range].lazy.map(\.folded), as: UTF8.self)
    }
}
