/// The stretches of some bytes that are secret.
struct Findings {
    static let replacement = Array("[redacted]".utf8)

    private(set) var ranges: [Range<Int>] = []

    /// Empty stretches, and those that were replaced before, are no finding: so that redacting twice changes nothing.
    mutating func add(_ range: Range<Int>, in bytes: [UInt8]) {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
        let bare = bytes[range].drop(while: \.isQuote)
        if !bare.isEmpty, bare.count <= Self.replacement.count, Self.replacement.starts(with: bare) { return }
        ranges.append(range)
    }

    /// Whether a stretch ends at `index` or runs over it.
    func reaches(_ index: Int) -> Bool { ranges.contains { $0.upperBound >= index && $0.lowerBound < index } }

    /// Whether a stretch holds anything at or after `index`.
    func goes(beyond index: Int) -> Bool { ranges.contains { $0.upperBound > index } }

    /// The bytes with every stretch replaced; nil where there is none.
    func applied(to bytes: [UInt8]) -> [UInt8]? {
        guard !ranges.isEmpty else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + Self.replacement.count)
        var position = 0
        for range in merged() {
            result.append(contentsOf: bytes[position..<range.lowerBound])
            result.append(contentsOf: Self.replacement)
            position = range.upperBound
        }
        result.append(contentsOf: bytes[position...])
        return result
    }

    private func merged() -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
