import EventModel

/// The wording of the text renderers.
enum Phrases {
    /// A moment as seen from the disruption: `-1.042 s`, `+0.000 s`, `-12 m 05 s`, `-3 h 12 m`, `-2 d 03 h`.
    static func relative(_ time: BootTime, to origin: BootTime) -> VisibleText {
        let sign: VisibleText = time < origin ? "-" : "+"
        return sign + length(time.distance(to: origin))
    }

    /// `900 µs`, `0.412 s`, `12 m 05 s`, `3 h 12 m`, `2 d 03 h`.
    static func length(_ interval: Interval) -> VisibleText {
        let milliseconds = interval.nanoseconds / 1_000_000
        let seconds = milliseconds / 1_000
        if milliseconds == 0, interval.nanoseconds >= 1_000 { return "\(interval.nanoseconds / 1_000) µs" }
        switch seconds {
        case ..<100: return "\(seconds).\(padded(milliseconds % 1_000, 3)) s"
        case ..<3_600: return "\(seconds / 60) m \(padded(seconds % 60, 2)) s"
        case ..<86_400: return "\(seconds / 3_600) h \(padded(seconds / 60 % 60, 2)) m"
        default: return "\(seconds / 86_400) d \(padded(seconds / 3_600 % 24, 2)) h"
        }
    }

    private static func padded(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// `2026-11-21 04:40:12.123 UTC`.
    static func moment(_ time: BootTime, _ times: WallClock) -> VisibleText {
        let wall = times.wall(time)
        return "\(wall.dateText) \(wall.timeText) UTC"
    }

    /// The time of day, and the date where it is another one than that of `origin`.
    static func clock(_ time: BootTime, near origin: BootTime, _ times: WallClock) -> VisibleText {
        let wall = times.wall(time)
        return wall.dateText == times.wall(origin).dateText ? "\(wall.timeText)" : "\(wall.dateText) \(wall.timeText)"
    }

    /// `1 event`, `2 events`.
    static func count(_ number: some BinaryInteger, _ noun: StaticString) -> VisibleText {
        let name = noun.description
        return "\(grouped(number)) \(name)\(number == 1 ? "" : name.hasSuffix("s") ? "es" : "s")"
    }

    /// `29,832`.
    static func grouped(_ number: some BinaryInteger) -> String {
        var result = ""
        let digits = String(number)
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0, digit.isNumber, result != "-" { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// `512 B`, `3.0 GiB`.
    static func bytes(_ number: UInt64) -> VisibleText {
        var unit = 0
        var tenths = number
        let names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard number >= 1_024 else { return "\(number) B" }
        while tenths >= 1_048_576, unit < names.count - 2 {
            tenths /= 1_024
            unit += 1
        }
        // What is left is below 1024 units of the next kind; one decimal of it.
        return "\(tenths / 1_024).\(tenths % 1_024 * 10 / 1_024) \(names[min(unit + 1, names.count - 1)])"
    }
}
