// How one code point is shown, and how wide it is.
extension VisibleText {
    static func piece(_ scalar: Unicode.Scalar, marks: Int) -> (text: String, columns: Int) {
        if scalar.value >= 0x20, scalar.value < 0x7f { return (String(Character(scalar)), 1) }
        if isVisible(scalar), marks <= 2 { return (String(Character(scalar)), width(scalar)) }
        let text = escape(scalar)
        return (text, text.utf8.count)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\0": "\\0"
        default:
            scalar.value < 0x80
                ? "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
                : "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }

    /// Whether a code point shows itself and moves nothing but the cursor by its width.
    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value >= 0x20 }
        if scalar.value == 0xfffd || scalar.value == 0x2800 || scalar.properties.isDefaultIgnorableCodePoint {
            return false
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x300 else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: return true
        default: return false
        }
    }

    /// Columns of a visible code point: two for the wide blocks of East Asian scripts and emoji, none for marks.
    static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x300: 1
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f300...0x1faff,
            0x20000...0x3fffd:
            2
        default:
            scalar.properties.isEmojiPresentation ? 2 : isMark(scalar) && !isSpacing(scalar) ? 0 : 1
        }
    }

    private static func isSpacing(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .spacingMark
    }
}
