/// The place of an entry in the journal, as sd_journal_get_cursor(3) gives it: `s=…;i=…;b=BOOT;m=MONOTONIC;t=…;x=…`.
struct JournalCursor: Hashable {
    var text: String
    /// 32 hexadecimal digits.
    var boot: String
    /// CLOCK_MONOTONIC of that boot, in microseconds.
    var monotonic: UInt64

    /// Nil where the text is no cursor. journald refuses one itself where more than this is wrong.
    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        var members: [Substring: Substring] = [:]
        for pair in text.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            members[parts[0]] = parts[1]
        }
        guard let boot = members["b"], boot.utf8.count == 32, boot.utf8.allSatisfy(\.isHexDigit),
            let monotonic = members["m"].flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        self.text = text
        self.boot = boot.lowercased()
        self.monotonic = monotonic
    }
}
