/// Pressure-stall information of one resource: `/proc/pressure/{cpu,memory,io}` and a cgroup's `*.pressure` (PSI).
public struct Pressure: Hashable, Sendable {
    /// At least one task was stalled.
    public var some: Share
    /// All tasks were stalled at once; nil for cpu on kernels before 5.13.
    public var full: Share?

    /// Shares of wall time, in hundredths of a percent (0 to 10,000), and their sum since boot.
    public struct Share: Hashable, Sendable {
        public var average10: UInt32
        public var average60: UInt32
        public var average300: UInt32
        /// Microseconds.
        public var total: UInt64
    }

    public init?(parsing text: ArraySlice<UInt8>) {
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        var shares: [String: Share] = [:]
        while let line = rest.next(until: .newline) {
            guard let kind = line.words.first?.text, kind == "some" || kind == "full" else { continue }
            guard let share = Share(parsing: line.words.dropFirst()) else { return nil }
            shares[kind] = share
        }
        guard let some = shares["some"] else { return nil }
        self.some = some
        self.full = shares["full"]
    }
}

extension Pressure.Share {
    /// `avg10=0.00 avg60=0.00 avg300=0.00 total=0`, in any order, with others that a later kernel may add.
    init?(parsing words: ArraySlice<Bytes>) {
        var values: [String: Bytes] = [:]
        for var word in words {
            guard let name = word.next(until: UInt8(ascii: "=")) else { continue }
            values[name.text] = word
        }
        guard let average10 = values["avg10"].flatMap(Self.hundredths),
            let average60 = values["avg60"].flatMap(Self.hundredths),
            let average300 = values["avg300"].flatMap(Self.hundredths),
            let total = values["total"]?.decimal(UInt64.self)
        else { return nil }
        self.init(average10: average10, average60: average60, average300: average300, total: total)
    }

    /// `12.34` as 1234: the kernel always writes two decimals.
    private static func hundredths(_ text: Bytes) -> UInt32? {
        var fraction = text
        guard let whole = fraction.next(until: UInt8(ascii: "."))?.decimal(UInt32.self), fraction.count == 2,
            let part = fraction.decimal(UInt32.self)
        else { return nil }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 100)
        return overflow || scaled > .max - 99 ? nil : scaled + part
    }
}
