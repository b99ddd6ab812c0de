import ArgumentParser
import EventModel
import Glibc

/// Times and lengths of time as journalctl takes them.
enum TimeExpression {
    private static let units: [(names: [String], nanoseconds: UInt64)] = [
        (["ms", "msec"], 1_000_000),
        (["s", "sec", "second", "seconds", ""], 1_000_000_000),
        (["m", "min", "minute", "minutes"], 60_000_000_000),
        (["h", "hr", "hour", "hours"], 3_600_000_000_000),
        (["d", "day", "days"], 86_400_000_000_000),
        (["w", "week", "weeks"], 604_800_000_000_000),
    ]

    /// `30s`, `5min`, `1h 30min`; a number alone means seconds. `option` is for the message.
    static func duration(_ text: String, option: String) throws -> Interval {
        guard let interval = duration(text) else {
            throw ValidationError("\(option): '\(text)' is no length of time; try 30s, 5min or '1h 30min'")
        }
        return interval
    }

    private static func duration(_ text: String) -> Interval? {
        var total: UInt64 = 0
        var rest = text[...].drop { $0 == " " }
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = UInt64(digits) else { return nil }
            rest = rest.dropFirst(digits.count).drop { $0 == " " }
            let word = String(rest.prefix { $0.isLetter })
            rest = rest.dropFirst(word.count).drop { $0 == " " }
            guard let unit = units.first(where: { $0.names.contains(word) }) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
            let (sum, carry) = total.addingReportingOverflow(product)
            guard !overflow, !carry else { return nil }
            total = sum
        }
        return Interval(nanoseconds: total)
    }

    /// `now`, `today`, `yesterday`, `10 min ago`, `-1h`, `2026-11-21`, `2026-11-21 04:24[:33]`, `04:24`, RFC 3339.
    /// `option` is for the message.
    static func moment(_ text: String, option: String, now: WallTime) throws -> WallTime {
        guard let time = moment(text, now: now) else {
            throw ValidationError("\(option): '\(text)' is no time; try '10 min ago', today or 2026-11-21T04:24:33Z")
        }
        return time
    }

    private static func moment(_ text: String, now: WallTime) -> WallTime? {
        let trimmed = String(text.drop { $0 == " " })
        switch trimmed {
        case "now": return now
        case "today": return midnight(now, daysBack: 0)
        case "yesterday": return midnight(now, daysBack: 1)
        default: break
        }
        if trimmed.hasSuffix(" ago") { return duration(String(trimmed.dropLast(4))).map { back(from: now, by: $0) } }
        if trimmed.hasPrefix("-") { return duration(String(trimmed.dropFirst())).map { back(from: now, by: $0) } }
        return calendar(trimmed, now: now)
    }

    private static func back(from now: WallTime, by interval: Interval) -> WallTime {
        WallTime(
            nanoseconds: now.nanoseconds.subtractingReportingOverflow(Int64(clamping: interval.nanoseconds))
                .partialValue)
    }

    private static func local(_ time: WallTime) -> tm {
        var seconds = time_t(time.nanoseconds / 1_000_000_000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        return fields
    }

    private static func midnight(_ now: WallTime, daysBack: Int32) -> WallTime {
        var fields = local(now)
        (fields.tm_hour, fields.tm_min, fields.tm_sec, fields.tm_isdst) = (0, 0, 0, -1)
        fields.tm_mday -= daysBack
        return WallTime(nanoseconds: Int64(mktime(&fields)) * 1_000_000_000)
    }

    /// Local time, unless the text ends in `Z` or an offset.
    private static func calendar(_ text: String, now: WallTime) -> WallTime? {
        var scanner = CalendarScanner(text)
        var fields = local(now)
        (fields.tm_hour, fields.tm_min, fields.tm_sec, fields.tm_isdst) = (0, 0, 0, -1)
        guard scanner.read(into: &fields) else { return nil }
        guard let offset = scanner.offset else { return wall(seconds: Int64(mktime(&fields))) }
        return wall(seconds: Int64(timegm(&fields) - offset))
    }

    /// Nil beyond the year 2262, where nanoseconds end.
    private static func wall(seconds: Int64) -> WallTime? {
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : WallTime(nanoseconds: nanoseconds)
    }

    static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
