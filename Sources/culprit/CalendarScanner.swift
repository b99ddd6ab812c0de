import Glibc

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS[.F]]`, `HH:MM[:SS]`, with `T` for the space and `Z` or `+HH:MM` behind.
struct CalendarScanner {
    private var rest: Substring.UTF8View
    /// Seconds east of UTC, where the text says so.
    private(set) var offset: Int?

    init(_ text: String) { rest = text[...].utf8 }

    /// False where the text is no such time.
    mutating func read(into fields: inout tm) -> Bool {
        var beginning = self
        if beginning.date(&fields) {
            self = beginning
            if rest.isEmpty { return true }
            guard take(" ") || take("T") else { return false }
        }
        return clock(&fields) && zone() && rest.isEmpty
    }

    private mutating func date(_ fields: inout tm) -> Bool {
        guard let year = number(4, 1970...9999), take("-"), let month = number(2, 1...12), take("-"),
            let day = number(2, 1...31)
        else { return false }
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        return true
    }

    private mutating func clock(_ fields: inout tm) -> Bool {
        guard let hour = number(2, 0...23), take(":"), let minute = number(2, 0...59) else { return false }
        (fields.tm_hour, fields.tm_min) = (Int32(hour), Int32(minute))
        guard take(":") else { return true }
        guard let second = number(2, 0...60) else { return false }
        fields.tm_sec = Int32(second)
        // Fractions of a second do not matter for where a list begins.
        if take(".") { rest = rest.drop { (0x30...0x39).contains($0) } }
        return true
    }

    private mutating func zone() -> Bool {
        if rest.isEmpty { return true }
        if take("Z") {
            offset = 0
            return true
        }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2, 0...23) else { return false }
        _ = take(":")
        guard let minutes = number(2, 0...59) else { return false }
        offset = sign * (hours * 3600 + minutes * 60)
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let value = text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard range.contains(value) else { return nil }
        rest = rest.dropFirst(digits)
        return value
    }
}
