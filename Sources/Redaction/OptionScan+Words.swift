// What one word of a command says of itself and of the word after it.
extension OptionScan {
    private var dash: UInt8 { UInt8(ascii: "-") }

    /// Takes in a word that is no value of the word before it.
    func note(_ word: ShellWords.Word, reading: Reading, in context: inout Context, into findings: inout Findings) {
        let range = word.range
        guard let first = range.first else { return }
        if reading == .arguments || word.isQuoted || context.isEnvironment,
            let secret = leading(range, reading, in: context)
        {
            findings.add(secret, in: bytes)
        }
        if bytes[first] == dash {
            noteOption(word, reading: reading, in: &context, into: &findings)
            return
        }
        if context.isSetting, reading == .arguments, case .token = SecretName(range, in: bytes) {
            context.pending = .value
        }
        if context.isSetting, reading == .arguments, case .password = SecretName(range, in: bytes) {
            context.pending = .value
        }
        noteProgram(range, in: &context)
    }

    /// `--name=value` and `NAME=value` that fill a word of their own, and headers: secret through the word's end.
    private func leading(_ range: Range<Int>, _ reading: Reading, in context: Context) -> Range<Int>? {
        guard let (name, value) = leadingAssignment(range) else { return nil }
        let isOption = bytes[range.lowerBound] == dash
        let hasBlank = bytes[value].contains(where: \.isBlank)
        if context.isEnvironment, !isOption {
            return environment.match(name, in: bytes) && (reading == .arguments || !hasBlank) ? value : nil
        }
        // `FOO_TOKEN=abc curl …` in one word is a command for a shell; the values in it are looked for one by one.
        guard isOption || !hasBlank && !SecretValue.isReference(value, in: bytes) else { return nil }
        switch SecretName(name, in: bytes) {
        case .token, .password: return value
        case .key: return SecretValue.looksLikePath(value, in: bytes) ? nil : value
        case .harmless, .perhaps, .header: return nil
        }
    }

    /// The name and the value of a word `-…NAME=value`.
    func leadingAssignment(_ range: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
        let nameStart = bytes.runEnd(from: range.lowerBound, to: range.upperBound) { $0 == dash }
        let nameEnd = bytes.runEnd(from: nameStart, to: range.upperBound, while: \.isNameByte)
        guard nameEnd > nameStart, nameEnd < range.upperBound, bytes[nameEnd] == UInt8(ascii: "=") else { return nil }
        return (nameStart..<nameEnd, nameEnd + 1..<range.upperBound)
    }

    private func noteOption(
        _ word: ShellWords.Word, reading: Reading, in context: inout Context, into findings: inout Findings
    ) {
        let range = word.range
        let isLong = range.count > 2 && bytes[range.lowerBound + 1] == dash
        if !isLong, range.count >= 2, noteShort(range, in: &context, into: &findings) { return }
        let nameStart = bytes.runEnd(from: range.lowerBound, to: range.upperBound) { $0 == dash }
        let name = nameStart..<range.upperBound
        guard name.count >= 2, bytes[name].allSatisfy(\.isNameByte) else { return }
        switch bytes.foldedText(name) {
        case "header", "headers", "add-header": context.pending = .header
        case "env", "build-arg", "setenv": context.pending = .variable
        case "user", "proxy-user": if context.program == "curl" { context.pending = .credential(.afterColon) }
        case "auth":
            if context.program.hasPrefix("http") || context.program == "xh" {
                context.pending = .credential(.afterColon)
            }
        case "passin", "passout": context.pending = .credential(.afterColon)
        default: notePending(SecretName(name, in: bytes), in: &context)
        }
    }

    private func notePending(_ name: SecretName, in context: inout Context) {
        switch name {
        case .harmless, .header: break
        case .perhaps: context.pending = .perhaps
        case .key: context.pending = .key
        case .token: context.pending = .value
        case .password: context.pending = CredentialOption.passwordStandsAlone(context.program) ? .nothing : .value
        }
    }

    /// `-p…`, `-u…` and the like, where the program is one that takes a credential there; whether it was one.
    private func noteShort(_ range: Range<Int>, in context: inout Context, into findings: inout Findings) -> Bool {
        let letter = bytes[range.lowerBound + 1]
        let attached = range.lowerBound + 2..<range.upperBound
        if attached.isEmpty {
            switch letter {
            case UInt8(ascii: "H"): context.pending = .header
            case UInt8(ascii: "e"), UInt8(ascii: "E"): context.pending = .variable
            default: break
            }
        } else if letter == UInt8(ascii: "H"), let secret = header(attached) {
            findings.add(secret, in: bytes)
        }
        for option in context.options where option.letters.contains(letter) {
            if attached.isEmpty {
                if option.placement != .attached { context.pending = .credential(option.form) }
            } else if option.placement != .next {
                if let secret = credential(attached, option.form) { findings.add(secret, in: bytes) }
                return true
            }
        }
        return false
    }

    private func noteProgram(_ range: Range<Int>, in context: inout Context) {
        let nameStart = (bytes[range].lastIndex(of: UInt8(ascii: "/")) ?? range.lowerBound - 1) + 1
        let name = String(
            decoding: bytes[max(nameStart, range.lowerBound)..<range.upperBound].prefix(24), as: UTF8.self)
        let options = CredentialOption.of(name)
        context.isSetting = name == "set" || name == "config"
        if !options.isEmpty {
            context.program = name
            context.options = options
        } else if name == "login", context.options.isEmpty {
            context.options = CredentialOption.ofLogin(context.program)
        } else if context.program == "sshpass" {
            // What follows is the command that sshpass runs; `ssh -p 22` is a port.
            context.options = []
            context.program = name
        } else if context.program.isEmpty || context.isEnvironment {
            context.program = name
        }
        // `env` and `sudo` go before a command; so do `export` and the like before their variables.
        let goesBefore = ["env", "sudo", "doas", "export", "declare", "setenv"].contains(name)
        if leadingAssignment(range) == nil, !goesBefore { context.isEnvironment = false }
        if goesBefore { context.isEnvironment = true }
    }

    /// The secret part of a word that is a header: `Authorization: Bearer …`, `X-Api-Key: …`.
    func header(_ range: Range<Int>) -> Range<Int>? {
        let nameEnd = bytes.runEnd(from: range.lowerBound, to: range.upperBound, while: \.isNameByte)
        guard nameEnd > range.lowerBound, nameEnd < range.upperBound, bytes[nameEnd] == UInt8(ascii: ":") else {
            return nil
        }
        let start = bytes.runEnd(from: nameEnd + 1, to: range.upperBound) { $0 == 0x20 }
        switch SecretName(range.lowerBound..<nameEnd, in: bytes) {
        case .token, .password, .key: return start..<range.upperBound
        // Authorization and Cookie are found wherever they stand, and keep their scheme.
        case .harmless, .perhaps, .header: return nil
        }
    }
}
