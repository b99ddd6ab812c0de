import EventModel
import Redaction
import Testing

/// argv whose middle was cut out.
@Suite struct CutTests {
    let redactor = Redactor()

    private func cut(_ head: String, _ tail: String) -> ArgumentVector {
        let bytes = { (text: String) in text.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 } }
        return ArgumentVector(head: bytes(head), tail: bytes(tail), totalBytes: 30_000)
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { $0 == 0 ? UInt8(ascii: "|") : $0 }, as: UTF8.self)
    }

    struct Case: Sendable {
        var head: String, tail: String, newHead: String, newTail: String
        init(_ head: String, _ tail: String, _ newHead: String, _ newTail: String) {
            (self.head, self.tail, self.newHead, self.newTail) = (head, tail, newHead, newTail)
        }
    }

    static let cases = [
        // A secret that runs into the cut goes to the end of the part, and so does what may be its rest.
        Case("x|--token=ab", "cd|y|", "x|--token=[redacted]", "[redacted]|y|"),
        Case("x|ghp_ab", "cd|y|", "x|[redacted]", "[redacted]|y|"),
        Case("x|eyJhbGciOiJIUzI1NiJ9ab", "cd|y|", "x|[redacted]", "[redacted]|y|"),
        Case("x|eyJhbGciOiJIUzI1NiJ9.ab", "cd|y|", "x|[redacted]", "[redacted]|y|"),
        Case("psql|postgres://u:pa", "ss@h/db|y|", "psql|postgres://u:[redacted]", "[redacted]|y|"),
        Case("sh|-c|FOO_TOKEN='a b", "c' x|y|", "sh|-c|FOO_TOKEN='[redacted]", "[redacted]' x|y|"),
        Case(
            "x|-----BEGIN PRIVATE KEY-----\nMII", "B\n-----END PRIVATE KEY----- z|y|", "x|[redacted]", "[redacted] z|y|"
        ),
        // The option is there, the value is not.
        Case("x|--token|", "abc|y|", "x|--token|", "[redacted]|y|"),
        Case("mysql|-p", "abc|y|", "mysql|-p", "[redacted]|y|"),
        // The word before is not known: what looks random goes, ordinary text stays.
        Case("x|y", "aB3dE6gH9jK2mN5pQ8sT|y|", "x|y", "[redacted]|y|"),
        Case("x|y", "ordinary words here|y|", "x|y", "ordinary words here|y|"),
        Case("x|y", "Sources/Foo/BarBaz.swift|y|", "x|y", "Sources/Foo/BarBaz.swift|y|"),
        Case("x|y", "MIIB\n-----END RSA PRIVATE KEY----- z|", "x|y", "[redacted] z|"),
        Case("x|y", "z|--token=abc|", "x|y", "z|--token=[redacted]|"),
    ]

    @Test(arguments: cases) func border(_ row: Case) {
        let argv = cut(row.head, row.tail)
        let redacted = redactor.redact(argv)
        #expect(text(redacted?.head ?? argv.head) == row.newHead)
        #expect(text(redacted?.tail ?? argv.tail) == row.newTail)
        #expect((redacted == nil) == (row.head == row.newHead && row.tail == row.newTail))
        #expect(redacted?.isTruncated != false)
        #expect(redacted?.totalBytes ?? 30_000 == 30_000)
        #expect(redacted.flatMap(redactor.redact) == nil, "twice is once")
    }

    @Test func staysCutWhenTheReplacementIsLonger() {
        let argv = ArgumentVector(head: Array("x\0--token=a\0".utf8), tail: Array("z\0".utf8), totalBytes: 15)
        let redacted = redactor.redact(argv)
        #expect(redacted?.isTruncated == true)
        #expect(redacted?.words == ["x", "--token=[redacted]", "…", "z"])
    }

    /// Wherever a cut falls, no piece of the token stays that is longer than what may be missed at the border.
    @Test(arguments: ["x\0--token=SECRETVALUEabc123DEF456ghi789\0y\0", "x\0ghp_SECRETVALUEabc123DEF456ghi789\0y\0"])
    func everyCut(_ whole: String) {
        let bytes = Array(whole.utf8)
        for start in 0..<bytes.count {
            for end in (start + 1)..<bytes.count {
                let argv = ArgumentVector(
                    head: Array(bytes[..<start]), tail: Array(bytes[end...]), totalBytes: bytes.count)
                let redacted = redactor.redact(argv) ?? argv
                #expect(redacted.isTruncated)
                #expect(!text(redacted.head).contains("SECRET"))
                #expect(!text(redacted.tail).contains("VALUEabc123DEF456ghi"))
            }
        }
    }
}
