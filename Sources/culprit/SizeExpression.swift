/// A size as it is given on the command line.
enum SizeExpression {
    private static let units: [(suffix: String, factor: UInt64)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("K", 1 << 10), ("M", 1 << 20),
        ("G", 1 << 30), ("T", 1 << 40), ("", 1),
    ]

    /// Bytes, as the configuration takes them: a whole number, alone or with KiB, MiB, GiB, TiB, or K, M, G, T for the
    /// same. Nil for anything else, 0 included.
    static func bytes(_ text: String) -> UInt64? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = UInt64(text.dropLast(unit.suffix.count))
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        return overflow || bytes == 0 ? nil : bytes
    }
}
