/// The first bytes of a text, cut between characters where it is longer than its limit.
struct ClippedText {
    let kept: Substring.UTF8View
    let isCut: Bool

    init(_ text: String, to limit: Int) { self.init(text.utf8[...], to: limit) }

    init(_ bytes: Substring.UTF8View, to limit: Int) {
        guard bytes.count > limit else {
            kept = bytes
            isCut = false
            return
        }
        var end = bytes.index(bytes.startIndex, offsetBy: limit)
        while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end = bytes.index(before: end) }
        kept = bytes[..<end]
        isCut = true
    }
}
