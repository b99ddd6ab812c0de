typealias Bytes = ArraySlice<UInt8>

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let colon = UInt8(ascii: ":")
    static let slash = UInt8(ascii: "/")

    /// The value of a hexadecimal digit of either case; nil for any other byte.
    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}

extension Bytes {
    /// The bytes as text; what is no UTF-8 becomes U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The whole as a decimal number, `-` allowed for signed types; nil when empty, out of range, or followed by anything.
    func decimal<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        let isNegative = Number.isSigned && first == UInt8(ascii: "-")
        let digits = isNegative ? dropFirst() : self
        guard !digits.isEmpty else { return nil }
        var value: Number = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let digit = Number(truncatingIfNeeded: byte &- UInt8(ascii: "0"))
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// The whole as a hexadecimal number without prefix; nil when empty, out of range, or followed by anything.
    func hexadecimal<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type = Number.self) -> Number? {
        guard !isEmpty, count <= Number.bitWidth / 4 else { return nil }
        var value: Number = 0
        for byte in self {
            guard let digit = byte.hexValue else { return nil }
            value = value << 4 | Number(digit)
        }
        return value
    }

    /// Cuts off and returns what stands before the next `separator`, or the rest; nil once nothing is left.
    mutating func next(until separator: UInt8) -> Bytes? {
        guard !isEmpty else { return nil }
        let end = firstIndex(of: separator) ?? endIndex
        let piece = self[startIndex..<end]
        self = end < endIndex ? self[(end &+ 1)...] : self[endIndex...]
        return piece
    }

    /// The words between runs of spaces and tabs.
    var words: [Bytes] { split { $0 == .space || $0 == .tab } }

    /// Without spaces, tabs and newlines at either end.
    var trimmed: Bytes {
        let isBlank = { (byte: UInt8) in byte == .space || byte == .tab || byte == .newline }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }

    /// A fixed-width integer in native byte order, `offset` bytes from the start; nil where it does not fit in.
    func integer<Number: FixedWidthInteger>(at offset: Int, _: Number.Type = Number.self) -> Number? {
        guard offset >= 0, offset <= count, count - offset >= MemoryLayout<Number>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}

extension String {
    /// The longest beginning of whole characters that takes at most `limit` bytes.
    func clipped(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = ""
        var room = limit
        for scalar in unicodeScalars {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }
}
