import EventModel
import Testing

@testable import AgentRecognition

/// Most programs are told apart by their first bytes; that must never change what is found.
@Suite struct MatcherTests {
    private static let patterns = [
        "claude", "claude *", "c*", "*", "?laude", "claude --x*", "[c]laude", "", "claude  *", "node */x", "no*",
    ]
    private static let argvs: [[String]] = [
        ["claude"], ["claude", "-p"], ["claud"], ["claudex"], ["c"], ["claude", "--xy", "z"], ["claude", "", "a"],
        ["/usr/bin/claude"], ["node", "/a/x"], ["/usr/bin/node", "--flag", "/a/x", "y"], ["nodejs", "/a/x"], ["no"],
    ]

    @Test(arguments: patterns) func argvIsFoundAsByThePatternAlone(pattern: String) throws {
        let glob = try Glob(pattern)
        var matcher = DefinitionMatcher([AgentDefinition(name: "x", argv: [glob])])
        for words in Self.argvs {
            let argv = ArgumentVector(words: words)
            let found = matcher.match(ExecImage(path: "/p", argv: argv), unit: nil) != nil
            #expect(found == glob.matches(argv.joined), "\(pattern) on \(words)")
        }
    }

    @Test(arguments: patterns) func scriptsAreFoundAsByThePatternAlone(pattern: String) throws {
        let glob = try Glob(pattern)
        var matcher = DefinitionMatcher([AgentDefinition(name: "x", script: [glob])])
        for words in Self.argvs {
            let script = words.dropFirst().first { !$0.hasPrefix("-") && !$0.isEmpty }
            let interpreter = words.first?.split(separator: "/").last.map(String.init)
            let expected = script.map { glob.matches("\(interpreter ?? "") \($0)") } ?? false
            let found = matcher.match(ExecImage(path: "/p", argv: ArgumentVector(words: words)), unit: nil) != nil
            #expect(found == expected, "\(pattern) on \(words)")
        }
    }
}
