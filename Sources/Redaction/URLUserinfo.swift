/// The password in `scheme://user:password@host`, and a token alone before the `@`.
enum URLUserinfo {
    static func secret(in bytes: [UInt8], colon: Int, endIsCut: Bool) -> Range<Int>? {
        guard colon > 0, bytes[colon - 1].isAlphanumeric, bytes.has("://", at: colon) else { return nil }
        let start = colon + 3
        let end = bytes.runEnd(from: start, to: bytes.count) { byte in
            byte > 0x20 && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
                && byte != UInt8(ascii: "\"")
        }
        let separator = bytes[start..<end].firstIndex(of: UInt8(ascii: ":"))
        if let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) {
            if let separator, separator < at { return separator + 1..<at }
            return SecretValue.looksRandom(start..<at, in: bytes) ? start..<at : nil
        }
        // What stands after the colon is a port, or a password: one that holds a `/`, or whose `@` was cut off.
        guard let separator, start < end, bytes[start] != UInt8(ascii: "[") else { return nil }
        guard !bytes[separator + 1..<end].allSatisfy(\.isDigit) else { return nil }
        if endIsCut, end == bytes.count { return separator + 1..<end }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "/") else { return nil }
        let limit = bytes.runEnd(from: end, to: min(bytes.count, end + 128)) { $0 > 0x20 && !$0.isQuote }
        guard let at = bytes[end..<limit].firstIndex(of: UInt8(ascii: "@")) else { return nil }
        return separator + 1..<at
    }
}
