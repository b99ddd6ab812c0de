import EventModel

extension FuzzTarget {
    static func globSeeds() -> [[UInt8]] {
        [
            "*.service\nnginx.service", "user:[0-9]*/a?c\nuser:1000/abc", "[!a-z]\\*\nA*",
            "*a*a*a*a*b\naaaaaaaaaaaaaaaaaaaa",
            "[]]\n]", "[a-]\n-", "*\n", "\n",
        ].map { Array($0.utf8) }
    }

    /// The first line is the pattern, the rest the text.
    static func match(_ input: UnsafeRawBufferPointer) {
        let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
        let pattern = String(decoding: input[..<end], as: UTF8.self)
        let text = String(decoding: input[end...].dropFirst(), as: UTF8.self)
        guard let glob = try? Glob(pattern) else { return }
        _ = glob.matches(text)
        let escaped = text.unicodeScalars.map { "\\" + String($0) }.joined()
        precondition((try? Glob(escaped))?.matches(text) == true, "an escaped text does not match itself")
    }
}
