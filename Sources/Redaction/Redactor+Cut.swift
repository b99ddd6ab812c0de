import EventModel

// argv whose middle was cut out: a secret may run into the cut, or come out of it.
extension Redactor {
    /// The head's end and the tail's beginning are judged by what may be missing between them. The result stays cut,
    /// even where the replacements are longer than what they replace.
    func redactCut(_ argv: ArgumentVector) -> ArgumentVector? {
        let head = findings(in: argv.head, reading: .arguments, endIsCut: true)
        let runsIntoCut = head.reaches(argv.head.count) || awaitsValue(argv.head)
        var tail = findings(in: argv.tail, reading: .arguments, endIsCut: false)
        if let rest = rest(in: argv.tail, ofSecret: runsIntoCut) { tail.add(rest, in: argv.tail) }
        let newHead = head.applied(to: argv.head)
        let newTail = tail.applied(to: argv.tail)
        guard newHead != nil || newTail != nil else { return nil }
        var result = argv
        result.head = newHead ?? argv.head
        result.tail = newTail ?? argv.tail
        result.totalBytes = max(argv.totalBytes, result.head.count + result.tail.count + 1)
        return result
    }

    /// Whether the head ends in the middle of an option or of its value, so that a secret may follow: a word appended to
    /// it is found to be one.
    private func awaitsValue(_ head: [UInt8]) -> Bool {
        let probe = Array("x9".utf8)
        return findings(in: head + probe, reading: .arguments, endIsCut: true).goes(beyond: head.count)
    }

    /// The stretch at the tail's beginning that may belong to a secret whose beginning is not there.
    private func rest(in tail: [UInt8], ofSecret isCertain: Bool) -> Range<Int>? {
        let wordEnd = tail.runEnd(from: 0, to: tail.count) { $0 != 0 }
        if let end = endOfPrivateKey(in: tail, to: wordEnd) { return 0..<end }
        let end = tail.runEnd(from: 0, to: wordEnd) { !$0.isBlank && !$0.isQuote }
        guard isCertain || SecretValue.looksLikeRest(0..<end, in: tail) else { return nil }
        return 0..<end
    }

    private func endOfPrivateKey(in tail: [UInt8], to wordEnd: Int) -> Int? {
        var index = 0
        while index < wordEnd {
            if tail.has("-----BEGIN ", at: index) { return nil }
            if let end = TokenScan.keyEnd(in: tail, at: index) { return end }
            index += 1
        }
        return nil
    }
}
