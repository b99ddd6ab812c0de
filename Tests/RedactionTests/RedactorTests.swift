import EventModel
import Redaction
import Testing

@Suite struct RedactorTests {
    let redactor = Redactor()

    private func arguments(_ row: String) -> ArgumentVector { ArgumentVector(words: words(row)) }

    private func words(_ row: String) -> [String] {
        row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: tokenRows + urlRows + optionRows + variableRows + harmlessRows)
    func argv(_ row: Row) {
        let redacted = redactor.redact(arguments(row.input))
        #expect(redacted?.words == row.expected.map(words))
        guard let redacted else { return }
        #expect(!redacted.isTruncated)
        #expect(redactor.redact(redacted) == nil, "twice is once")
    }

    @Test(arguments: journalRows)
    func journal(_ row: Row) {
        let redacted = redactor.redact(text: row.input)
        #expect(redacted == row.expected)
        #expect(redacted.flatMap { redactor.redact(text: $0) } == nil, "twice is once")
    }
}
