import EventModel
import Redaction
import Testing

@Suite struct ConfiguredPatternTests {
    private func redacted(_ words: [String], names: [String] = [], words patterns: [String] = []) throws -> [String]? {
        let redactor = Redactor(
            environmentPatterns: try names.map { try Glob($0) }, additional: try patterns.map { try Glob($0) })
        return redactor.redact(ArgumentVector(words: words))?.words
    }

    @Test func aPatternCountsForAWholeWord() throws {
        #expect(try redacted(["x", "corp-abc-1", "acorp-abc"], words: ["corp-*"]) == ["x", "[redacted]", "acorp-abc"])
        #expect(try redacted(["x", "abcd", "abc"], words: ["????"]) == ["x", "[redacted]", "abc"])
        #expect(try redacted(["x", "k7", "kk"], words: ["[a-z][0-9]"]) == ["x", "[redacted]", "kk"])
    }

    @Test func aPatternCountsForAWordOfTheJournal() throws {
        let redactor = Redactor(additional: [try Glob("corp-*")])
        #expect(redactor.redact(text: "got corp-1 from 'corp-2 b'") == "got [redacted] from '[redacted]'")
        #expect(redactor.redact(text: "got corp") == nil)
    }

    @Test func namesWhateverTheirCase() throws {
        let redactor = Redactor(environmentPatterns: [try Glob("*Credential*"), try Glob("[X-Z]_PIN")])
        #expect(redactor.redact(EnvironmentMarker(name: "my_credentialS", value: "a"))?.value == "[redacted]")
        #expect(redactor.redact(EnvironmentMarker(name: "y_pin", value: "a"))?.value == "[redacted]")
        #expect(redactor.redact(EnvironmentMarker(name: "A_PIN", value: "a")) == nil)
        #expect(try redacted(["env", "Y_PIN=1", "c"], names: ["[X-Z]_PIN"]) == ["env", "Y_PIN=[redacted]", "c"])
        #expect(try redacted(["x", "Z_PIN=1"], names: ["?_PIN"]) == ["x", "Z_PIN=[redacted]"])
        #expect(try redacted(["x", "ABC=1"], names: ["*"]) == ["x", "ABC=[redacted]"])
    }

    @Test func aRangeThatFoldingTurnsRoundCountsAsGiven() throws {
        let redactor = Redactor(environmentPatterns: [try Glob("[Z-a]X")])
        #expect(redactor.redact(EnvironmentMarker(name: "ZX", value: "a"))?.value == "[redacted]")
    }

    @Test func variables() {
        let redactor = Redactor()
        #expect(redactor.redact(EnvironmentMarker(name: "GH_TOKEN", value: "a"))?.value == "[redacted]")
        #expect(redactor.redact(EnvironmentMarker(name: "gh_token", value: "a"))?.value == "[redacted]")
        #expect(redactor.redact(EnvironmentMarker(name: "GH_TOKEN", value: "")) == nil)
        #expect(redactor.redact(EnvironmentMarker(name: "AI_AGENT", value: "claude-code")) == nil)
        #expect(redactor.redact(EnvironmentMarker(name: "AI_AGENT", value: "sk-ant-abcdefgh"))?.value == "[redacted]")
    }

    @Test func paths() {
        let redactor = Redactor()
        #expect(redactor.redact(path: "/etc/ssl/keys.d/token.pem") == nil)
        #expect(redactor.redact(path: "/tmp/ghp_0123456789abcdef/x") == "/tmp/[redacted]/x")
    }
}
