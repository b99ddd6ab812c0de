import EventModel
import Testing

@Suite struct GlobTests {
    static let matching: [(pattern: String, text: String)] = [
        ("", ""), ("*", ""), ("*", "anything at all"), ("**", "x"), ("a", "a"), ("abc", "abc"), ("?", "a"), ("?", "é"),
        ("?", "€"), ("?", "𝄞"), ("a?c", "abc"), ("a*c", "ac"), ("a*c", "abbbc"), ("*c", "c"), ("*c", "abc"),
        ("a*", "a"),
        ("*b*", "abc"), ("*a*b*", "xaxbx"), ("[a-z]", "m"), ("[a-z0-9]", "7"), ("[!a-z]", "M"), ("[^a-z]", "M"),
        ("[]]", "]"), ("[]a]", "a"), ("[!]a]", "b"), ("[a-]", "-"), ("[-a]", "-"), ("[]-a]", "^"), ("[é-ü]", "ö"),
        ("[!é]", "e"), ("[\\]]", "]"), ("[\\\\]", "\\"), ("[a\\-z]", "-"), ("\\*", "*"), ("\\?", "?"), ("\\[a]", "[a]"),
        ("\\\\", "\\"), ("\\a", "a"), ("*.service", "web.service"), ("*/node", "/usr/bin/node"),
        ("*kaval*", "node /x/kaval.js"),
        ("a**b", "ab"), ("*?", "x"), ("?*", "x"), ("*??", "xy"), ("*ä*", "Bär"), ("B?r", "Bär"), ("*aab", "aaab"),
        ("*ab*ab", "abab"), ("a*a", "aa"), ("a\nb", "a\nb"), ("*", "a\u{0}b"), ("a*b", "a\u{0}b"), ("*[0-9]", "v7"),
        ("user/[a-c]*", "user/cde"), ("👩‍👧", "👩‍👧"),
    ]

    static let refusing: [(pattern: String, text: String)] = [
        ("", "a"), ("a", ""), ("a", "A"), ("a", "ab"), ("a", "ba"), ("?", ""), ("?", "ab"), ("??", "é"),
        ("a*c", "abcd"),
        ("*c", "cd"), ("a*a", "a"), ("ab*b", "ab"), ("[a-z]", ""), ("[a-z]", "A"), ("[!a]", "a"), ("[!a]", ""),
        ("[é-ü]", "e"), ("\\*", "x"), ("*.service", "web.service "), ("*.service", "web.services"), ("é", "e\u{301}"),
        ("[a\\-z]", "m"), ("*??", "x"), ("*??", "é"), ("?", "👩‍👧"), ("a[b", "a[b"),
    ]

    @Test(arguments: matching) func matches(_ row: (pattern: String, text: String)) throws {
        #expect(try Glob(row.pattern).matches(row.text), "\(row.pattern) on \(row.text)")
    }

    @Test(arguments: refusing.dropLast()) func refuses(_ row: (pattern: String, text: String)) throws {
        #expect(try !Glob(row.pattern).matches(row.text), "\(row.pattern) on \(row.text)")
    }

    @Test(arguments: ["[", "[a", "[!", "[]", "[!]", "a\\", "\\", "[z-a]", "[a-", "[\\", "[a-\\", "*["])
    func isNoPattern(_ pattern: String) {
        #expect(throws: InvalidGlob.self) { _ = try Glob(pattern) }
    }

    /// Patterns that take a matcher that backtracks longer than the age of the universe.
    @Test(arguments: [
        "*a*a*a*a*b", "*a*a*a*a*b*", "a*a*a*a*a*a*a*a*c*", "*?*?*?*?*b?", "*[a]*[a]*[a]*[!a]*", "*aaaaaaaab*",
    ])
    func noTextMakesItSlow(_ pattern: String) throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        let glob = try Glob(pattern)
        #expect(!text.withUnsafeBufferPointer { glob.matches(utf8: $0) })
        #expect(
            (text + [0x62, 0x63]).withUnsafeBufferPointer { glob.matches(utf8: $0) }
                == glob.matches(String(decoding: text, as: UTF8.self) + "bc"))
    }

    @Test func bytesThatAreNoUTF8MatchOnlyAStar() throws {
        for bytes: [UInt8] in [
            [0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ] {
            for (pattern, isMatch) in [
                ("*", true), ("a*b", true), ("?", false), ("a?b", false), ("a[!x]b", false),
                ("a[\u{0}-\u{10ffff}]b", false),
            ] {
                let text = pattern.hasPrefix("a") ? [0x61] + bytes + [0x62] : bytes
                let glob = try Glob(pattern)
                #expect(text.withUnsafeBufferPointer { glob.matches(utf8: $0) } == isMatch, "\(pattern) on \(text)")
            }
        }
    }

    @Test func literalPrefixIsWhatEveryMatchBeginsWith() throws {
        #expect(try Glob("node *").literalPrefix == Array("node ".utf8))
        #expect(try Glob("\\*a").literalPrefix == Array("*a".utf8))
        for pattern in ["*", "?a", "[n]ode", ""] { #expect(try Glob(pattern).literalPrefix.isEmpty) }
    }
}
