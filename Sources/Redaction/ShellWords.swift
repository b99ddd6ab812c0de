/// Splits text the way a shell would, near enough to find options and their values: it is no parser, and never fails.
struct ShellWords {
    struct Word: Hashable {
        /// Without the quotes, where the whole word was in quotes.
        var range: Range<Int>
        var isQuoted: Bool
        /// The first word of a command, as far as separators tell.
        var startsCommand: Bool
    }

    static func split(_ region: Range<Int>, of bytes: [UInt8]) -> [Word] {
        var words: [Word] = []
        var index = region.lowerBound
        var startsCommand = true
        // A quote that nothing closes is looked for once.
        var unclosed: Set<UInt8> = []
        while index < region.upperBound {
            let byte = bytes[index]
            if byte == 0 || byte.isBlank || byte.separatesCommands {
                startsCommand = startsCommand || byte.separatesCommands
                index += 1
                continue
            }
            let word = Self.word(from: index, in: region, of: bytes, unclosed: &unclosed)
            words.append(Word(range: word.range, isQuoted: word.isQuoted, startsCommand: startsCommand))
            startsCommand = false
            index = max(word.next, index + 1)
        }
        return words
    }

    private static func word(from start: Int, in region: Range<Int>, of bytes: [UInt8], unclosed: inout Set<UInt8>)
        -> (range: Range<Int>, isQuoted: Bool, next: Int)
    {
        var index = start
        while index < region.upperBound {
            let byte = bytes[index]
            if byte == 0 || byte.isBlank || byte.separatesCommands { break }
            if byte.isQuote, opensQuote(at: index, wordStart: start, in: bytes), !unclosed.contains(byte) {
                if let close = closing(byte, from: index + 1, to: region.upperBound, in: bytes) {
                    let endsWord = close + 1 == region.upperBound || !isWordByte(bytes[close + 1])
                    if index == start, endsWord { return (start + 1..<close, true, close + 1) }
                    index = close
                } else {
                    unclosed.insert(byte)
                }
            }
            index += 1
        }
        return (start..<index, false, index)
    }

    /// At the start of a word or after what introduces a value; an apostrophe inside a word opens nothing.
    private static func opensQuote(at index: Int, wordStart: Int, in bytes: [UInt8]) -> Bool {
        if index == wordStart { return true }
        let before = bytes[index - 1]
        return before == UInt8(ascii: "=") || before == UInt8(ascii: ":") || before == UInt8(ascii: ",")
    }

    private static func closing(_ quote: UInt8, from start: Int, to end: Int, in bytes: [UInt8]) -> Int? {
        var index = start
        while index < end, bytes[index] != 0 {
            if bytes[index] == quote { return index }
            index += quote == UInt8(ascii: "\"") && bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool { byte != 0 && !byte.isBlank && !byte.separatesCommands }
}
