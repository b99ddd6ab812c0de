public import EventModel

/// Takes secrets out of what is recorded: argv, variables, journal lines, paths. Total, and linear in what it is given.
///
/// A secret becomes `[redacted]`; the option, the name, the user and the scheme around it stay. What counts: the forms of
/// known tokens, values of options, variables, headers and JSON members whose names say secret, passwords in URLs,
/// credentials after short options of clients that take one there. Redacting twice changes nothing.
public struct Redactor: Sendable {
    /// What stands for a secret.
    public static let replacement = "[redacted]"

    /// `*TOKEN*`, `*SECRET*`, `*PASSWORD*`, `*KEY*`.
    public static let defaultEnvironmentPatterns: [Glob] = ["*TOKEN*", "*SECRET*", "*PASSWORD*", "*KEY*"].compactMap {
        try? Glob($0)
    }

    private let environment: NamePatterns
    private let additional: [Glob]
    private let triggers: TriggerAutomaton
    /// A configured pattern holds no text that every match must contain: nothing can be passed over unseen.
    private let mustLook: Bool

    /// - `environmentPatterns`: names of variables whose values are secret, whatever their case. They count for variables
    ///   of the environment, and in argv and text for names written in capitals or standing where a shell or `env` takes one.
    /// - `additional` (`redact.patterns`): a word of argv, or of a journal line (between blanks, or in quotes), that one of
    ///   them matches as a whole is redacted as a whole. A glob never backtracks into exponential time. A word that was cut
    ///   is matched as far as it was kept.
    public init(environmentPatterns: [Glob] = Redactor.defaultEnvironmentPatterns, additional: [Glob] = []) {
        environment = NamePatterns(environmentPatterns)
        self.additional = additional
        let texts = additional.map { NamePatterns.necessaryText(of: $0) }
        mustLook = texts.contains(nil)
        // A pattern for names without such a text may match any name that something is assigned to.
        let names = environmentPatterns.map { NamePatterns.necessaryText(of: $0) ?? "=" }
        triggers = TriggerAutomaton(Self.builtInTriggers + names + texts.compactMap { $0 })
    }

    /// The argv without its secrets; nil where it holds none, which is the usual case and allocates nothing.
    ///
    /// `totalBytes` keeps its meaning: the length before any cut where the middle was cut out, the length of what is there
    /// where nothing was.
    public func redact(_ argv: ArgumentVector) -> ArgumentVector? {
        if argv.isTruncated { return redactCut(argv) }
        if argv.tail.isEmpty, !mayHoldSecret(argv.head) { return nil }
        guard let bytes = redacted(argv.head + argv.tail, reading: .arguments) else { return nil }
        return ArgumentVector(head: bytes, isUnreadable: argv.isUnreadable)
    }

    /// The variable with its value replaced, where its name is configured as secret, or without the secrets in its value;
    /// nil where there is nothing to hide.
    public func redact(_ marker: EnvironmentMarker) -> EnvironmentMarker? {
        let name = Array(marker.name.utf8)
        if environment.match(name.indices, in: name) {
            guard !marker.value.isEmpty, marker.value != Self.replacement else { return nil }
            return EnvironmentMarker(name: marker.name, value: Self.replacement)
        }
        return redact(text: marker.value).map { EnvironmentMarker(name: marker.name, value: $0) }
    }

    /// A line of the journal, of a log, of a shell, without its secrets; nil where it holds none.
    public func redact(text: String) -> String? {
        guard mayHoldSecret(text.utf8) else { return nil }
        return redacted(Array(text.utf8), reading: .text).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A path without the tokens and assignments in it; nil where it holds none.
    public func redact(path: String) -> String? {
        guard mayHoldSecret(path.utf8) else { return nil }
        let bytes = Array(path.utf8)
        var findings = Findings()
        var tokens = TokenScan(bytes: bytes, endIsCut: false)
        tokens.run(into: &findings)
        var assignments = AssignmentScan(bytes: bytes, environment: environment)
        assignments.run(into: &findings)
        return findings.applied(to: bytes).map { String(decoding: $0, as: UTF8.self) }
    }

    private func mayHoldSecret(_ bytes: some Sequence<UInt8>) -> Bool { mustLook || triggers.occurs(in: bytes) }

    private func redacted(_ bytes: [UInt8], reading: OptionScan.Reading) -> [UInt8]? {
        findings(in: bytes, reading: reading, endIsCut: false).applied(to: bytes)
    }

    func findings(in bytes: [UInt8], reading: OptionScan.Reading, endIsCut: Bool) -> Findings {
        var findings = Findings()
        var tokens = TokenScan(bytes: bytes, endIsCut: endIsCut)
        tokens.run(into: &findings)
        var assignments = AssignmentScan(bytes: bytes, environment: environment)
        assignments.run(into: &findings)
        let words = reading == .arguments ? Self.arguments(bytes) : ShellWords.split(bytes.indices, of: bytes)
        OptionScan(bytes: bytes, environment: environment, additional: additional)
            .run(words: words, reading: reading, into: &findings)
        return findings
    }

    /// The words of argv: what stands between NULs.
    private static func arguments(_ bytes: [UInt8]) -> [ShellWords.Word] {
        bytes.split(separator: 0, omittingEmptySubsequences: false).enumerated().map { position, word in
            ShellWords.Word(range: word.indices, isQuoted: false, startsCommand: position == 0)
        }
    }

    /// One of these stands in whatever the scans find.
    private static let builtInTriggers: [String] =
        TokenShape.all.map { $0.prefix.description } + CredentialOption.programs
        + [
            "eyj", "://", "-----begin ", "bearer ", "basic ", "token", "secret", "pass", "pswd", "pwd", "psk", "key",
            "auth",
            "cred", "cookie", "signature", "sig=", "sig\"", "jwt", "bearer",
        ]
}
