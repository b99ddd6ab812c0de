/// Text that is safe to show: whatever came from outside has been escaped on its way in. Renderers put nothing else on a
/// line, so that a forgotten escape does not compile.
///
/// Shown in visible form are control characters (`\n`, `\x1b`, `\u{9b}`), directional and zero-width characters
/// (`\u{202e}`), line separators, unusual spaces, private and unassigned code points, U+FFFD, and combining marks past the
/// second in a row. A backslash stays as it is: names of units hold `\x2d`; the exact bytes are in the JSON.
public struct VisibleText: Hashable, Sendable {
    public private(set) var text: String
    /// Columns of a terminal; wide characters take two.
    public private(set) var columns: Int

    public static let empty = VisibleText(text: "", columns: 0)

    private init(text: String, columns: Int) {
        self.text = text
        self.columns = columns
    }

    /// Escapes `outside`. Where that takes more than `limit` columns, its end is left out and counted: `… (+29832 bytes)`.
    public init(escaping outside: String, columns limit: Int = .max) {
        var kept = ""
        var used = 0
        var consumed = 0
        var marks = 0
        // Where to cut, should the rest not fit: the note needs room as well.
        var cut = (length: 0, columns: 0, consumed: 0)
        for scalar in outside.unicodeScalars {
            marks = Self.isMark(scalar) ? marks + 1 : 0
            let piece = Self.piece(scalar, marks: marks)
            if used > limit - piece.columns {
                self.init(keeping: kept, cut: cut, of: outside.utf8.count)
                return
            }
            kept += piece.text
            used += piece.columns
            consumed += UTF8.width(scalar)
            if used <= limit - Self.noteColumns { cut = (kept.utf8.count, used, consumed) }
        }
        self.init(text: kept, columns: used)
    }

    private static let noteColumns = 18

    private init(keeping kept: String, cut: (length: Int, columns: Int, consumed: Int), of total: Int) {
        let note = "… (+\(total - cut.consumed) bytes)"
        self.init(
            text: String(decoding: kept.utf8.prefix(cut.length), as: UTF8.self) + note,
            columns: cut.columns + note.count)
    }

    /// Several texts, with `separator` between them.
    public init(_ parts: [VisibleText], separator: VisibleText) {
        var result = VisibleText.empty
        for (position, part) in parts.enumerated() {
            if position > 0 { result += separator }
            result += part
        }
        self = result
    }

    public var isEmpty: Bool { text.isEmpty }

    public static func + (a: VisibleText, b: VisibleText) -> VisibleText {
        VisibleText(text: a.text + b.text, columns: a.columns + b.columns)
    }

    public static func += (a: inout VisibleText, b: VisibleText) {
        a.text += b.text
        a.columns += b.columns
    }

    /// So many spaces, none where the count is negative.
    public static func spaces(_ count: Int) -> VisibleText {
        VisibleText(text: String(repeating: " ", count: max(0, count)), columns: max(0, count))
    }

    /// Text that has been escaped before: a part of a longer one.
    static func part(_ scalars: some Sequence<Unicode.Scalar>) -> VisibleText {
        var text = String.UnicodeScalarView()
        var columns = 0
        for scalar in scalars {
            text.append(scalar)
            columns += width(scalar)
        }
        return VisibleText(text: String(text), columns: columns)
    }
}

extension VisibleText: ExpressibleByStringInterpolation {
    /// Our own words; they are taken to be visible, and escaped all the same.
    public init(stringLiteral value: String) { self.init(escaping: value) }

    public init(stringInterpolation: Interpolation) { self = stringInterpolation.result }

    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var result = VisibleText.empty

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { result += VisibleText(escaping: literal) }
        /// A string is from outside until proven otherwise.
        public mutating func appendInterpolation(_ outside: String) { result += VisibleText(escaping: outside) }
        public mutating func appendInterpolation(_ visible: VisibleText) { result += visible }
        public mutating func appendInterpolation(_ number: some BinaryInteger) {
            result += VisibleText(escaping: String(number))
        }
    }
}
