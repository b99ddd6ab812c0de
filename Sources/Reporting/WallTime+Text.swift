public import EventModel

// UTC by the proleptic Gregorian calendar; every value of WallTime (years 1677 to 2262) has a text.
extension WallTime {
    /// RFC 3339 with nanoseconds: `2026-11-21T04:40:12.123456789Z`.
    public var rfc3339: String {
        let parts = parts
        return parts.date + "T" + parts.time + "." + Self.digits(parts.nanosecond, 9) + "Z"
    }

    /// `2026-11-21`.
    var dateText: String { parts.date }

    /// `04:40:12.123`.
    var timeText: String {
        let parts = parts
        return parts.time + "." + Self.digits(parts.nanosecond / 1_000_000, 3)
    }

    /// `04:40:12.123456`.
    var preciseTimeText: String {
        let parts = parts
        return parts.time + "." + Self.digits(parts.nanosecond / 1_000, 6)
    }

    private var parts: (date: String, time: String, nanosecond: Int64) {
        let day = Self.floorDivide(nanoseconds, 86_400_000_000_000)
        let remainder = nanoseconds % 86_400_000_000_000
        let rest = remainder < 0 ? remainder + 86_400_000_000_000 : remainder
        let second = rest / 1_000_000_000
        let date = Self.civil(day)
        return (
            Self.digits(date.year, 4) + "-" + Self.digits(date.month, 2) + "-" + Self.digits(date.day, 2),
            Self.digits(second / 3600, 2) + ":" + Self.digits(second / 60 % 60, 2) + ":" + Self.digits(second % 60, 2),
            rest % 1_000_000_000
        )
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a / b - (a % b < 0 ? 1 : 0) }

    /// The date of a day counted from 1970-01-01 (Howard Hinnant's `civil_from_days`: years from March, eras of 400).
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
