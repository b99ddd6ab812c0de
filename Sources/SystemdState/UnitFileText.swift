internal import EventModel

/// The text of a unit file or of a drop-in, read as a manager does (systemd.syntax(7)), for what one of its sections says of
/// memory. The later of two assignments counts; one that a manager cannot read is none.
struct UnitFileText {
    private var settings = MemorySettings()
    private let section: String
    private var isInSection = false
    /// Behind a section's name that is not closed nothing is read.
    private var isOver = false

    static func settings(_ text: ArraySlice<UInt8>, section: String) -> MemorySettings {
        var reading = UnitFileText(section: section)
        reading.read(text)
        return reading.settings
    }

    private init(section: String) { self.section = section }

    private mutating func read(_ text: ArraySlice<UInt8>) {
        var rest = text.starts(with: Self.byteOrderMark) ? text.dropFirst(Self.byteOrderMark.count) : text
        var whole: [UInt8] = []
        var goesOn = false
        while !isOver, let line = Self.line(&rest) {
            // Also between the pieces of a line that goes on.
            if let first = line.first(where: { !Self.isBlank($0) }), first == .hash || first == .semicolon { continue }
            if !goesOn { whole.removeAll(keepingCapacity: true) }
            whole += line
            goesOn = !whole.reversed().prefix { $0 == .backslash }.count.isMultiple(of: 2)
            if goesOn {
                whole.removeLast()
                whole.append(.space)
            } else {
                take(whole[...])
            }
        }
        if goesOn, !isOver { take(whole[...]) }
    }

    /// Up to any of the ends of lines, of which different ones in a row are one.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let line = rest.prefix { !ends.contains($0) }
        rest = rest[line.endIndex...]
        var seen: [UInt8] = []
        while let byte = rest.first, ends.contains(byte), !seen.contains(byte) {
            seen.append(byte)
            rest = rest.dropFirst()
        }
        return line
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        let line = Self.trimmed(line)
        if line.first == .openBracket {
            isOver = line.last != .closeBracket
            isInSection = line.dropFirst().dropLast().elementsEqual(section.utf8)
        } else if isInSection, let equals = line.firstIndex(of: .equals),
            let amount = Self.amount(Self.trimmed(line[equals...].dropFirst()))
        {
            switch String(decoding: Self.trimmed(line[..<equals]), as: UTF8.self) {
            case "MemoryMax": settings.max = amount
            case "MemoryLimit": settings.limit = amount
            case "MemoryHigh": settings.high = amount
            default: return
            }
        }
    }

    /// Nil where a manager would leave it out.
    private static func amount(_ value: ArraySlice<UInt8>) -> MemorySettings.Amount? {
        if value.isEmpty || value.elementsEqual("infinity".utf8) { return .unlimited }
        for sign in ["%", "‰", "‱"] where value.suffix(sign.utf8.count).elementsEqual(sign.utf8) {
            let number = value.dropLast(sign.utf8.count)
            return number.first.map(isDigit) == true && number.allSatisfy { isDigit($0) || $0 == .dot } ? .share : nil
        }
        guard let bytes = size(value), bytes > 0, bytes < .max else { return nil }
        return .bytes(bytes)
    }

    /// `64M`, `1.5G`, `1G 512M`: base 1024, the larger before the smaller.
    private static func size(_ text: ArraySlice<UInt8>) -> UInt64? {
        var (rest, left, sum) = (text, Self.suffixes[...], UInt64(0))
        repeat {
            rest = rest.drop(while: isBlank)
            let digits = rest.prefix(while: isDigit)
            guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
            rest = rest[digits.endIndex...]
            let fraction = fraction(&rest)
            rest = rest.drop(while: isBlank)
            guard let suffix = left.first(where: { rest.starts(with: $0.letter.utf8) }) else { return nil }
            left = left.drop { $0.letter != suffix.letter }.dropFirst()
            rest = rest.dropFirst(suffix.letter.utf8.count)
            let factor = UInt64(1) << suffix.shift
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: factor)
            let (whole, overflow) = sum.addingReportingOverflow(product)
            // Of less than one, times at most an exbibyte.
            let part = UInt64(fraction * Double(factor))
            let (next, isBeyond) = whole.addingReportingOverflow(part)
            guard !isTooLarge, !overflow, !isBeyond else { return nil }
            sum = next
        } while !rest.isEmpty
        return sum
    }

    /// What stands behind a point, from 0 to 1.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double {
        guard rest.first == .dot else { return 0 }
        let digits = rest.dropFirst().prefix(while: isDigit)
        rest = rest[digits.endIndex...]
        return Double("0." + String(decoding: digits.prefix(18), as: UTF8.self)) ?? 0
    }

    private static let suffixes: [(letter: String, shift: UInt64)] = [
        ("E", 60), ("P", 50), ("T", 40), ("G", 30), ("M", 20), ("K", 10), ("B", 0), ("", 0),
    ]
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let ends: [UInt8] = [0, 10, 13]

    private static func isBlank(_ byte: UInt8) -> Bool { byte == .space || byte == 9 || byte == 10 || byte == 13 }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = text.drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start }
        return start[...last]
    }
}

extension UInt8 {
    fileprivate static let space = UInt8(ascii: " ")
    fileprivate static let hash = UInt8(ascii: "#")
    fileprivate static let semicolon = UInt8(ascii: ";")
    fileprivate static let backslash = UInt8(ascii: "\\")
    fileprivate static let openBracket = UInt8(ascii: "[")
    fileprivate static let closeBracket = UInt8(ascii: "]")
    fileprivate static let equals = UInt8(ascii: "=")
    fileprivate static let dot = UInt8(ascii: ".")
}
