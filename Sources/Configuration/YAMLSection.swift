import EventModel
import Yams

/// A node of a configuration file with the way to it, for messages that name file, line and key.
struct YAMLSection {
    var file: String
    /// `watch.processes`; empty at the top.
    var path: String
    var node: Node
    /// The last part of `path`.
    var key: String { String(path.split(separator: ".").last ?? "") }

    private var line: Int { node.mark?.line ?? 0 }

    func error(_ why: String) -> ConfigurationError { ConfigurationError(file: file, line: line, key: path, why: why) }

    func unknown(_ known: [String]) -> ConfigurationError {
        error("no such key (known here: \(known.joined(separator: ", ")))")
    }

    private func below(_ key: String, _ node: Node) -> YAMLSection {
        YAMLSection(file: file, path: path.isEmpty ? key : "\(path).\(key)", node: node)
    }

    /// The entries of a mapping; an empty node has none.
    func entries() throws(ConfigurationError) -> [YAMLSection] {
        if node.null != nil { return [] }
        guard let mapping = node.mapping else { throw error("must be a mapping of keys to values") }
        var entries: [YAMLSection] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw error("a key must be a word") }
            entries.append(below(name, value))
        }
        return entries
    }

    /// The items of a list.
    func items() throws(ConfigurationError) -> [YAMLSection] {
        if node.null != nil { return [] }
        guard let sequence = node.sequence else { throw error("must be a list") }
        return sequence.map { YAMLSection(file: file, path: path, node: $0) }
    }

    func text() throws(ConfigurationError) -> String {
        guard let scalar = node.scalar else { throw error("must be a single value") }
        return scalar.string
    }

    func absolutePath() throws(ConfigurationError) -> String {
        let text = try text()
        guard text.hasPrefix("/") else { throw error("must be an absolute path") }
        return text
    }

    func glob() throws(ConfigurationError) -> Glob {
        let pattern = try text()
        do {
            return try Glob(pattern)
        } catch {
            throw self.error("bad pattern \(pattern): \(error.why)")
        }
    }

    /// One pattern or a list of them.
    func globs() throws(ConfigurationError) -> [Glob] {
        guard node.scalar == nil || node.null != nil else { return [try glob()] }
        var globs: [Glob] = []
        for item in try items() { globs.append(try item.glob()) }
        return globs
    }

    private func unitPattern() throws(ConfigurationError) -> UnitPattern {
        let pattern = try text()
        do {
            return try UnitPattern(pattern)
        } catch {
            throw self.error("bad pattern \(pattern): \(error.why)")
        }
    }

    /// One pattern of units or a list of them.
    func unitPatterns() throws(ConfigurationError) -> [UnitPattern] {
        guard node.scalar == nil || node.null != nil else { return [try unitPattern()] }
        var patterns: [UnitPattern] = []
        for item in try items() { patterns.append(try item.unitPattern()) }
        return patterns
    }

    func texts() throws(ConfigurationError) -> [String] {
        guard node.scalar == nil || node.null != nil else { return [try text()] }
        var texts: [String] = []
        for item in try items() { texts.append(try item.text()) }
        return texts
    }

    func count(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Bytes: a whole number, with KiB, MiB or GiB, or K, M, G for the same.
    func size() throws(ConfigurationError) -> UInt64 {
        let units: [(String, UInt64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30),
            ("", 1),
        ]
        guard let bytes = try quantity(units), bytes > 0 else { throw error("must be a size such as 256MiB") }
        return bytes
    }

    /// A length of time: a whole number with ms, s, min or h; alone it means seconds.
    func duration() throws(ConfigurationError) -> Interval {
        let units: [(String, UInt64)] = [
            ("ms", 1_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000), ("h", 3_600_000_000_000),
            ("", 1_000_000_000),
        ]
        guard let nanoseconds = try quantity(units) else { throw error("must be a length of time such as 2s") }
        return Interval(nanoseconds: nanoseconds)
    }

    private func quantity(_ units: [(String, UInt64)]) throws(ConfigurationError) -> UInt64? {
        let text = try text()
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = UInt64(text.dropLast(unit.count).trimmingSpaces) else { continue }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var trimmed = self
        while trimmed.last == " " { trimmed.removeLast() }
        return trimmed
    }
}
