/// Finds what is secret by its own form: tokens, JWTs, private keys, what follows `Bearer`, and passwords in URLs.
struct TokenScan {
    let bytes: [UInt8]
    /// The last byte is followed by others that were not kept.
    let endIsCut: Bool
    /// Where a JWT cannot start any more, because one that started earlier failed on the same bytes.
    private var noJWTBefore = 0

    init(bytes: [UInt8], endIsCut: Bool) {
        self.bytes = bytes
        self.endIsCut = endIsCut
    }

    mutating func run(into findings: inout Findings) {
        var index = 0
        while index < bytes.count {
            if let range = secret(at: index) {
                findings.add(range, in: bytes)
                index = max(range.upperBound, index + 1)
            } else {
                index += 1
            }
        }
    }

    private mutating func secret(at index: Int) -> Range<Int>? {
        let byte = bytes[index]
        if byte == UInt8(ascii: ":") { return URLUserinfo.secret(in: bytes, colon: index, endIsCut: endIsCut) }
        if byte == UInt8(ascii: "-") { return privateKey(at: index) }
        guard byte.isLetter, index == 0 || !bytes[index - 1].isAlphanumeric else { return nil }
        if Self.shapesByFirstByte[Int(byte)].isEmpty == false {
            for shape in Self.shapesByFirstByte[Int(byte)] {
                if let end = shape.match(bytes, at: index, end: bytes.count, endIsCut: endIsCut) { return index..<end }
            }
        }
        if byte == UInt8(ascii: "e") { return jsonWebToken(at: index) }
        if byte.folded == UInt8(ascii: "b") { return credential(at: index) }
        return nil
    }

    private static let shapesByFirstByte: [[TokenShape]] = (0..<256).map { first in
        TokenShape.all.filter { shape in shape.prefix.withUTF8Buffer { $0.first.map(Int.init) == first } }
    }

    /// `eyJ….….…`: three runs of base64url, the last of which may be empty.
    private mutating func jsonWebToken(at index: Int) -> Range<Int>? {
        guard index >= noJWTBefore, bytes.has("eyJ", at: index) else { return nil }
        let isBase64: (UInt8) -> Bool = { $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        var end = index
        for part in 0..<3 {
            end = bytes.runEnd(from: part == 0 ? end : end + 1, to: bytes.count, while: isBase64)
            if end == bytes.count { break }
            if part < 2, bytes[end] != UInt8(ascii: ".") {
                noJWTBefore = end
                return nil
            }
            if part == 2 { return index..<end }
        }
        let dots = bytes[index..<end].count { $0 == UInt8(ascii: ".") }
        if dots == 2 || (endIsCut && end - index >= 16) { return index..<end }
        noJWTBefore = end
        return nil
    }

    /// A PEM private key, from its first line through its last, or to the end where the last line is missing.
    private func privateKey(at index: Int) -> Range<Int>? {
        guard bytes.has("-----BEGIN ", at: index) else { return nil }
        guard find("PRIVATE KEY", from: index, to: min(bytes.count, index + 48)) != nil else { return nil }
        var position = index + 11
        while position < bytes.count, bytes[position] != 0 {
            if let end = Self.keyEnd(in: bytes, at: position) { return index..<end }
            position += 1
        }
        return index..<position
    }

    /// The end of `-----END … PRIVATE KEY…-----` if it stands at `index`.
    static func keyEnd(in bytes: [UInt8], at index: Int) -> Int? {
        guard bytes.has("-----END ", at: index) else { return nil }
        var position = index + 9
        while position < min(bytes.count, index + 60), bytes[position] != 0 {
            if bytes.has("-----", at: position) { return position + 5 }
            position += 1
        }
        return nil
    }

    private func find(_ text: StaticString, from: Int, to: Int) -> Int? {
        var index = from
        while index < to {
            if bytes.has(text, at: index) { return index }
            index += 1
        }
        return nil
    }

    /// What follows `Bearer` or `Basic`, where it looks like a credential and not like the next word of a sentence.
    private func credential(at index: Int) -> Range<Int>? {
        let length = bytes.has(folded: "bearer ", at: index) ? 7 : bytes.has(folded: "basic ", at: index) ? 6 : 0
        guard length > 0 else { return nil }
        let start = index + length
        let end = bytes.runEnd(from: start, to: bytes.count) { $0 > 0x20 && !$0.isQuote && $0 != UInt8(ascii: ",") }
        guard SecretValue.looksRandom(start..<end, in: bytes) || isBase64Credential(start..<end) else { return nil }
        return start..<end
    }

    /// `dXNlcjpwYXNz` and the like: letters of both cases mixed, which no word has.
    private func isBase64Credential(_ range: Range<Int>) -> Bool {
        guard range.count >= 12 else { return false }
        var turns = 0
        for index in range.dropFirst() where bytes[index].isUpper && bytes[index - 1].isLower { turns += 1 }
        return turns >= 2 || bytes[range.upperBound - 1] == UInt8(ascii: "=")
    }
}
