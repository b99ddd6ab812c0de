extension WallTime {
    /// `2026-11-21T04:24:33.123456789Z` (RFC 3339, UTC, nanoseconds).
    public var rfc3339: String {
        let t = civil
        return
            "\(Self.pad(t.year, 4))-\(Self.pad(t.month, 2))-\(Self.pad(t.day, 2))T\(Self.pad(t.hour, 2)):\(Self.pad(t.minute, 2)):"
            + "\(Self.pad(t.second, 2)).\(Self.pad(t.nanosecond, 9))Z"
    }

    /// `20261121T042433.123456789Z`: the same for names; sorts by time.
    public var compact: String {
        let t = civil
        return
            "\(Self.pad(t.year, 4))\(Self.pad(t.month, 2))\(Self.pad(t.day, 2))T\(Self.pad(t.hour, 2))\(Self.pad(t.minute, 2))"
            + "\(Self.pad(t.second, 2)).\(Self.pad(t.nanosecond, 9))Z"
    }

    /// The date in the Gregorian calendar, UTC.
    public var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, nanosecond: Int) {
        let (seconds, nanosecond) = Self.floorDivide(nanoseconds, 1_000_000_000)
        let (days, second) = Self.floorDivide(seconds, 86_400)
        // Days since 0000-03-01, in eras of 400 years: leap days fall at the end of each year counted this way.
        let shifted = days + 719_468
        let (era, dayOfEra) = Self.floorDivide(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (
            Int(year), Int(month), Int(day), Int(second / 3600), Int(second / 60 % 60), Int(second % 60),
            Int(nanosecond)
        )
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let remainder = value % by
        return remainder < 0 ? (value / by - 1, remainder + by) : (value / by, remainder)
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
