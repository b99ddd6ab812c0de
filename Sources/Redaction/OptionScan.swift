import EventModel

/// Finds values by the options before them, word by word: `--token value`, `-H 'X-Api-Key: value'`, `mysql -pvalue`.
struct OptionScan {
    let bytes: [UInt8]
    let environment: NamePatterns
    let additional: [Glob]

    /// Where the words come from. In argv every word is exact; in a string they are what a shell, or a sentence, has.
    enum Reading { case arguments, text }

    enum Pending {
        case nothing
        /// The next word is secret.
        case value
        /// It is secret where it looks so.
        case perhaps
        case key
        case credential(CredentialOption.Form)
        /// The next word is a header.
        case header
        /// The next word assigns a variable of the environment.
        case variable
    }

    /// What is known at one point of a command.
    struct Context {
        var program = ""
        var options: [CredentialOption] = []
        var pending = Pending.nothing
        var isEnvironment = false
        /// The word before was `set` or `config`: a name without dashes and then its value may follow.
        var isSetting = false
    }

    func run(words: [ShellWords.Word], reading: Reading, depth: Int = 0, into findings: inout Findings) {
        var context = Context()
        for word in words {
            if word.startsCommand {
                context = Context()
                context.isEnvironment = reading == .arguments
            }
            if depth == 0, isConfigured(word.range) { findings.add(word.range, in: bytes) }
            let pending = context.pending
            context.pending = .nothing
            if take(word, as: pending, reading: reading, into: &findings) { continue }
            note(word, reading: reading, in: &context, into: &findings)
            guard depth < 3, !isSecretWhole(word, findings), bytes[word.range].contains(where: \.isBlank) else {
                continue
            }
            let inner = ShellWords.split(word.range, of: bytes)
            if inner.count > 1 { run(words: inner, reading: .text, depth: depth + 1, into: &findings) }
        }
    }

    private func isSecretWhole(_ word: ShellWords.Word, _ findings: Findings) -> Bool {
        findings.ranges.last.map { $0.lowerBound <= word.range.lowerBound && $0.upperBound >= word.range.upperBound }
            ?? false
    }

    /// A pattern of the configuration counts for a whole word.
    private func isConfigured(_ range: Range<Int>) -> Bool {
        guard !additional.isEmpty, !range.isEmpty else { return false }
        let text = String(decoding: bytes[range], as: UTF8.self)
        return additional.contains { $0.matches(text) }
    }

    // MARK: The word after an option

    /// Whether the word was the value that the word before asked for.
    private func take(_ word: ShellWords.Word, as pending: Pending, reading: Reading, into findings: inout Findings)
        -> Bool
    {
        guard !word.range.isEmpty else { return false }
        switch pending {
        case .nothing: return false
        case .header:
            if let range = header(word.range) { findings.add(range, in: bytes) }
            return true
        case .variable:
            guard let (name, value) = leadingAssignment(word.range), environment.match(name, in: bytes) else {
                return false
            }
            findings.add(value, in: bytes)
            return true
        case .credential(let form):
            if let range = credential(word.range, form) { findings.add(range, in: bytes) }
            return true
        case .value, .perhaps, .key:
            guard bytes[word.range.lowerBound] != UInt8(ascii: "-") || word.isQuoted else { return false }
            guard isValue(word, of: pending, reading: reading) else { return false }
            findings.add(word.range, in: bytes)
            return true
        }
    }

    private func isValue(_ word: ShellWords.Word, of pending: Pending, reading: Reading) -> Bool {
        if reading == .text {
            let isLiteral = word.isQuoted && bytes[word.range.lowerBound - 1] == UInt8(ascii: "'")
            if !isLiteral, SecretValue.isReference(word.range, in: bytes) { return false }
            if !word.isQuoted, Self.ordinary.contains(bytes.foldedText(word.range.prefix(12))) { return false }
        }
        let text = bytes[word.range]
        switch pending {
        case .perhaps:
            return SecretValue.looksRandom(word.range, in: bytes) && !SecretValue.looksLikePath(word.range, in: bytes)
        case .key: return !SecretValue.looksLikePath(word.range, in: bytes)
        // `ffmpeg -pass 2`; `docker build --secret id=…,src=…` names a secret.
        default:
            return !(text.count <= 1 && text.allSatisfy(\.isDigit)) && !bytes.has("id=", at: word.range.lowerBound)
                && !bytes.has("src=", at: word.range.lowerBound) && !bytes.has("type=", at: word.range.lowerBound)
        }
    }

    /// Words that follow the name of an option in a sentence about it.
    private static let ordinary: Set = [
        "option", "options", "option.", "flag", "flags", "flag.", "argument", "is", "was", "are", "or", "and", "for",
        "to",
        "must", "not", "in", "with", "parameter", "value", "requires", "required", "has", "can", "cannot", "instead",
        "if",
        "from", "when", "of", "a", "an", "the",
    ]

    func credential(_ range: Range<Int>, _ form: CredentialOption.Form) -> Range<Int>? {
        switch form {
        case .whole: return range
        case .afterColon, .afterPercent:
            let separator = form == .afterColon ? UInt8(ascii: ":") : UInt8(ascii: "%")
            guard let index = bytes[range].firstIndex(of: separator) else { return nil }
            return index + 1..<range.upperBound
        }
    }
}
