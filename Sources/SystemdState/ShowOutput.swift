/// What `systemctl show` prints: `Name=value` lines, a blank line between units. A property that is empty is not printed.
struct ShowOutput {
    /// Each unit's name, with the properties that are of use. A unit without `Id` is left out.
    static func units(_ text: ArraySlice<UInt8>) -> [(name: String, properties: [(String, PropertyValue)])] {
        var units: [(name: String, properties: [(String, PropertyValue)])] = []
        var name = ""
        var properties: [(String, PropertyValue)] = []
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                if !name.isEmpty { units.append((name, properties)) }
                (name, properties) = ("", [])
            } else if let end = line.firstIndex(of: UInt8(ascii: "=")) {
                let key = String(decoding: line[..<end], as: UTF8.self)
                let value = String(decoding: line[(end + 1)...], as: UTF8.self)
                if key == "Id" { name = value }
                if let read = Self.value(of: key, value) { properties.append((key, read)) }
            }
        }
        if !name.isEmpty { units.append((name, properties)) }
        return units
    }

    /// Nil for what is not looked at, and for what cannot be read.
    static func value(of name: String, _ text: String) -> PropertyValue? {
        guard UnitReading.properties.contains(name) else { return nil }
        switch name {
        case "LoadState", "ActiveState", "SubState", "Result", "InvocationID", "Restart", "Type", "ControlGroup",
            "FragmentPath":
            return .text(text)
        case "MemoryMax": return text == "infinity" ? .unsigned(.max) : UInt64(text).map { .unsigned($0) }
        case "WatchdogUSec": return microseconds(text).map { .unsigned($0) }
        case "MainPID", "ExecMainCode", "ExecMainStatus", "ExecMainExitTimestampMonotonic", "NRestarts", "Job",
            "OOMScoreAdjust":
            return Int64(text).map { .number($0) }
        default: return .list(text.split(separator: " ").map(String.init))
        }
    }

    /// A time span as systemd prints it: `1min 30s`, `500ms`, `infinity`.
    static func microseconds(_ text: String) -> UInt64? {
        if text == "infinity" { return .max }
        if text == "0" { return 0 }
        var sum: UInt64 = 0
        for word in text.split(separator: " ") {
            let digits = word.prefix { $0.isASCII && $0.isNumber }
            guard let count = UInt64(digits), let unit = spans[String(word.dropFirst(digits.count))] else { return nil }
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: unit)
            let (total, overflow) = sum.addingReportingOverflow(product)
            guard !isTooLarge, !overflow else { return nil }
            sum = total
        }
        return text.isEmpty ? nil : sum
    }

    private static let spans: [String: UInt64] = [
        "us": 1, "ms": 1000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000,
        "w": 604_800_000_000, "month": 2_629_800_000_000, "y": 31_557_600_000_000,
    ]
}
