/// Finds values by the names before them: `NAME=value`, `?token=value&…`, `"name": "value"`, `Header: value`, anywhere in
/// a command line, a shell string, a body or a journal line.
struct AssignmentScan {
    let bytes: [UInt8]
    let environment: NamePatterns

    /// Where the unquoted value, and the line, end that were looked at last: every start before has the same end, so
    /// that many names in one long run cost no more than the run.
    private var lastValueEnd = 0
    private var lastLineEnd = 0

    init(bytes: [UInt8], environment: NamePatterns) {
        self.bytes = bytes
        self.environment = environment
    }

    mutating func run(into findings: inout Findings) {
        var index = 0
        while index < bytes.count {
            var found: Range<Int>?
            if bytes[index] == UInt8(ascii: "=") { found = assigned(at: index) }
            if bytes[index] == UInt8(ascii: ":") { found = labelled(at: index) }
            if let found { findings.add(found, in: bytes) }
            index = max(index + 1, found?.upperBound ?? 0)
        }
    }

    // MARK: NAME=value

    private mutating func assigned(at sign: Int) -> Range<Int>? {
        let (name, _) = name(before: sign)
        guard !name.isEmpty, sign + 1 < bytes.count else { return nil }
        let judgement = SecretName(name, in: bytes)
        let byName = isVariable(name) && environment.match(name, in: bytes)
        guard byName || judgement != .harmless else { return nil }
        guard let value = value(from: sign + 1),
            !SecretValue.isReference(value.range, in: bytes) || value.isSingleQuoted
        else { return nil }
        return byName || accepts(judgement, name: name, value: value.range) ? value.range : nil
    }

    /// Whether a name is written the way variables of the environment are; these the configured patterns decide.
    private func isVariable(_ name: Range<Int>) -> Bool {
        bytes[name].allSatisfy { $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    private func accepts(_ judgement: SecretName, name: Range<Int>, value: Range<Int>) -> Bool {
        switch judgement {
        case .harmless: false
        case .perhaps:
            isShortPassword(name) && !SecretValue.looksLikePath(value, in: bytes)
                || SecretValue.looksRandom(value, in: bytes) && !SecretValue.looksLikePath(value, in: bytes)
        case .key: !SecretValue.looksLikePath(value, in: bytes)
        case .token, .password, .header: true
        }
    }

    /// `Pwd=…` of a connection string; the shell's own PWD holds a path.
    private func isShortPassword(_ name: Range<Int>) -> Bool { bytes.foldedText(name) == "pwd" }

    // MARK: name: value

    private mutating func labelled(at colon: Int) -> Range<Int>? {
        guard colon + 1 < bytes.count, bytes[colon + 1] != UInt8(ascii: ":") else { return nil }
        guard !bytes.has("://", at: colon) else { return nil }
        let (name, isQuoted) = name(before: colon)
        guard !name.isEmpty else { return nil }
        let judgement = SecretName(name, in: bytes)
        if judgement == .header { return headerValue(after: colon) }
        guard judgement != .harmless else { return nil }
        guard let value = value(from: bytes.runEnd(from: colon + 1, to: bytes.count) { $0 == 0x20 }) else { return nil }
        if isQuoted {
            guard !isLiteral(value) else { return nil }
            return accepts(judgement, name: name, value: value.range) ? value.range : nil
        }
        return isStated(judgement, name: name, value: value.range, spaced: bytes[colon + 1] == 0x20) ? value.range : nil
    }

    /// In prose a colon is not an assignment: "bad token: unexpected end" holds no secret, "password: hunter2" does.
    private func isStated(_ judgement: SecretName, name: Range<Int>, value: Range<Int>, spaced: Bool) -> Bool {
        if spaced, bytes.has(folded: "x-", at: name.lowerBound) { return accepts(judgement, name: name, value: value) }
        switch judgement {
        case .password: return !SecretValue.isPlainWord(value, in: bytes)
        case .token:
            return SecretValue.looksRandom(value, in: bytes)
                || (spaced && value.count >= 6 && SecretValue.hasDigit(value, in: bytes))
        case .key, .perhaps:
            return SecretValue.looksRandom(value, in: bytes) && !SecretValue.looksLikePath(value, in: bytes)
        case .harmless, .header: return false
        }
    }

    /// `null`, `true`, `12`: a member of a JSON object that holds no text.
    private func isLiteral(_ value: (range: Range<Int>, isQuoted: Bool, isSingleQuoted: Bool)) -> Bool {
        if value.isQuoted { return false }
        let text = String(decoding: bytes[value.range], as: UTF8.self)
        return ["null", "true", "false", "None", "True", "False"].contains(text) || Int(text) != nil
    }

    /// What follows `Authorization:`: its scheme stays, the credential goes; without a known scheme the rest of the line.
    private mutating func headerValue(after colon: Int) -> Range<Int>? {
        let start = bytes.runEnd(from: colon + 1, to: bytes.count) { $0 == 0x20 }
        if start >= lastLineEnd {
            lastLineEnd = bytes.runEnd(from: start, to: bytes.count) { $0 >= 0x20 && !$0.isQuote || $0 == 0x09 }
        }
        let lineEnd = lastLineEnd
        let schemeEnd = bytes.runEnd(from: start, to: lineEnd) { $0.isNameByte }
        let schemes: Set = ["bearer", "basic", "token", "apikey", "negotiate", "digest"]
        guard schemeEnd < lineEnd, bytes[schemeEnd] == 0x20,
            schemes.contains(bytes.foldedText(start..<min(schemeEnd, start + SecretName.longest)))
        else { return start < lineEnd ? start..<lineEnd : nil }
        let credential = bytes.runEnd(from: schemeEnd, to: lineEnd) { $0 == 0x20 }
        if bytes.has(folded: "digest", at: start) { return credential..<lineEnd }
        return credential..<bytes.runEnd(from: credential, to: lineEnd) { $0 != 0x20 }
    }

    // MARK: Names and values

    /// The name that ends before `sign`, perhaps in quotes (that may themselves be escaped), as JSON has it.
    private func name(before sign: Int) -> (Range<Int>, isQuoted: Bool) {
        var end = sign
        while end > 0, sign - end < 8, bytes[end - 1] == 0x20 { end -= 1 }
        let isQuoted = end > 0 && bytes[end - 1].isQuote
        if isQuoted {
            end -= 1
            while end > 0, sign - end < 16, bytes[end - 1] == UInt8(ascii: "\\") { end -= 1 }
        } else {
            end = sign
        }
        var start = end
        while start > 0, end - start < SecretName.longest, bytes[start - 1].isNameByte { start -= 1 }
        while start < end, bytes[start] == UInt8(ascii: "-") || bytes[start] == UInt8(ascii: ".") { start += 1 }
        return (start..<end, isQuoted)
    }

    /// The value that starts at `start`: what stands between its quotes, or up to where an unquoted one ends.
    private mutating func value(from start: Int) -> (range: Range<Int>, isQuoted: Bool, isSingleQuoted: Bool)? {
        let open = bytes.runEnd(from: start, to: min(bytes.count, start + 8)) { $0 == UInt8(ascii: "\\") }
        guard open < bytes.count, bytes[open] != 0 else { return nil }
        guard bytes[open].isQuote else {
            let end = unquotedEnd(from: start)
            return end > start ? (start..<end, false, false) : nil
        }
        let quote = bytes[open]
        var end = open + 1
        // A quote that was opened escaped is closed escaped; any other skips what is escaped in it.
        let isEscaped = open > start
        while end < bytes.count, bytes[end] != 0, bytes[end] != quote {
            if isEscaped, bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count, bytes[end + 1] == quote { break }
            end += !isEscaped && quote == UInt8(ascii: "\"") && bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        end = min(end, bytes.count)
        return end > open + 1 ? (open + 1..<end, true, quote == UInt8(ascii: "'")) : nil
    }

    private mutating func unquotedEnd(from start: Int) -> Int {
        if start >= lastValueEnd {
            lastValueEnd = start
            while lastValueEnd < bytes.count, !endsValue(at: lastValueEnd) { lastValueEnd += 1 }
        }
        var end = lastValueEnd
        // `[redacted]` itself ends in a bracket; any other that closes at the end belongs to what is around the value.
        if bytes[start..<end].elementsEqual(Findings.replacement) { return end }
        while end > start, lastValueEnd - end < 8,
            [UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[end - 1])
        { end -= 1 }
        return end
    }

    private func endsValue(at index: Int) -> Bool {
        switch bytes[index] {
        case 0, UInt8(ascii: ";"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "<"), UInt8(ascii: ">"): true
        case UInt8(ascii: ","), UInt8(ascii: "&"): endsMember(at: index)
        default: bytes[index].isBlank || bytes[index].isQuote
        }
    }

    /// A comma or an ampersand ends a value where the next member or the end follows, and is a part of it elsewhere.
    private func endsMember(at index: Int) -> Bool {
        let next = index + 1
        guard next < bytes.count, bytes[next] != 0, !bytes[next].isBlank, !bytes[next].isQuote else { return true }
        if bytes[next] == bytes[index] || bytes[next] == UInt8(ascii: "\\") { return true }
        let nameEnd = bytes.runEnd(from: next, to: min(bytes.count, next + SecretName.longest), while: \.isNameByte)
        return nameEnd > next && nameEnd < bytes.count
            && (bytes[nameEnd] == UInt8(ascii: "=") || bytes[nameEnd] == UInt8(ascii: ":"))
    }
}
