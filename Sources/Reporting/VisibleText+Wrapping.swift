extension VisibleText {
    /// In lines of at most `width` columns, broken at spaces; a word that is longer than a line is broken where it must.
    func wrapped(to width: Int) -> [VisibleText] {
        let width = max(width, 8)
        var lines: [VisibleText] = []
        var line = VisibleText.empty
        for word in text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false) {
            var word = VisibleText.part(word)
            if !line.isEmpty {
                if line.columns + 1 + word.columns <= width {
                    line += VisibleText.spaces(1) + word
                    continue
                }
                lines.append(line)
                line = .empty
            }
            while word.columns > width {
                let (first, rest) = word.split(at: width)
                lines.append(first)
                word = rest
            }
            line = word
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    /// The first `limit` columns, and the rest.
    private func split(at limit: Int) -> (VisibleText, VisibleText) {
        var used = 0
        var index = text.unicodeScalars.startIndex
        while index < text.unicodeScalars.endIndex {
            let columns = Self.width(text.unicodeScalars[index])
            if used + columns > limit { break }
            used += columns
            index = text.unicodeScalars.index(after: index)
        }
        index = beforeBrokenEscape(index) ?? index
        return (.part(text.unicodeScalars[..<index]), .part(text.unicodeScalars[index...]))
    }

    /// Where an escape begins that a cut at `index` would go through.
    private func beforeBrokenEscape(_ index: String.Index) -> String.Index? {
        let before = text.unicodeScalars[..<index].suffix(9)
        guard let start = before.lastIndex(of: "\\"), start > text.startIndex else { return nil }
        let rest = text.unicodeScalars[start...].prefix(10)
        let length =
            rest.starts(with: "\\u{".unicodeScalars)
            ? rest.firstIndex(of: "}").map { rest[...$0].count } ?? 0
            : rest.starts(with: "\\x".unicodeScalars) ? 4 : 2
        return before[start...].count < length ? start : nil
    }

    /// With spaces behind (or before), so that it fills `width` columns.
    func padded(to width: Int) -> VisibleText { self + .spaces(width - columns) }
    func rightAligned(to width: Int) -> VisibleText { .spaces(width - columns) + self }
}
