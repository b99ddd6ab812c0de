/// What the look of a value says of it.
enum SecretValue {
    /// A key, an identifier of the random kind: 16 letters and digits in a row with both among them, or a UUID.
    static func looksRandom(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        var letters = 0
        var digits = 0
        var lowest = 0
        // The first bytes decide: what is looked at for every name in a long run must not be the run.
        for index in range.prefix(128) {
            let byte = bytes[index]
            if byte.isAlphanumeric {
                if byte.isDigit { digits += 1 } else { letters += 1 }
                if letters + digits >= 16, letters > 0, digits > 0 { return true }
            } else {
                letters = 0
                digits = 0
                lowest += byte == UInt8(ascii: "-") ? 1 : 0
            }
        }
        return range.count == 36 && lowest == 4
    }

    /// What may be the rest of a secret whose beginning was cut off: 20 bytes without a space, of more than one kind of
    /// letter and digit, and no path of ordinary names.
    static func looksLikeRest(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard range.count >= 20 else { return false }
        var run = 0
        var longest = 0
        var kinds = (lower: 0, upper: 0, digit: 0)
        for index in range {
            let byte = bytes[index]
            run = byte == UInt8(ascii: "/") ? 0 : run + 1
            longest = max(longest, run)
            if byte.isLower { kinds.lower = 1 }
            if byte.isUpper { kinds.upper = 1 }
            if byte.isDigit { kinds.digit = 1 }
        }
        return longest >= 20 && kinds.lower + kinds.upper + kinds.digit >= 2
    }

    /// `/etc/key.pem`, `./k`, `~/k`, `file.pem`: names a file, and is no secret itself.
    static func looksLikePath(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard let first = range.first else { return false }
        if bytes[first] == UInt8(ascii: "/") || bytes[first] == UInt8(ascii: "~") || bytes[first] == UInt8(ascii: "@") {
            return true
        }
        if bytes.has("./", at: first) || bytes.has("../", at: first) { return true }
        let end = range.upperBound
        return bytes.has(".pem", at: end - 4) || bytes.has(".key", at: end - 4) || bytes.has(".pub", at: end - 4)
            || bytes.has(".json", at: end - 5) || bytes.has(".crt", at: end - 4)
    }

    /// `$NAME`, `${NAME}`, `$(command)`: where a shell reads it, it names a secret and is none.
    static func isReference(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "$") else { return false }
        let second = bytes[range.lowerBound + 1]
        return second.isLetter || second == UInt8(ascii: "_") || second == UInt8(ascii: "{")
            || second == UInt8(ascii: "(")
    }

    /// Letters alone, with a full stop or the like after them: in a sentence, a word of it.
    static func isPlainWord(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard range.count <= 64 else { return false }
        var end = range.upperBound
        while end > range.lowerBound, !bytes[end - 1].isAlphanumeric, bytes[end - 1] < 0x80 { end -= 1 }
        return bytes[range.lowerBound..<end].allSatisfy { $0.isLetter || $0 >= 0x80 }
    }

    static func hasDigit(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        bytes[range].prefix(128).contains(where: \.isDigit)
    }
}
