import EventModel

extension WallTime {
    /// `2026-11-21`.
    var dateText: String { String(rfc3339.prefix(10)) }

    /// `04:40:12.123`.
    var timeText: String { String(rfc3339.dropFirst(11).prefix(12)) }

    /// `04:40:12.123456`.
    var preciseTimeText: String { String(rfc3339.dropFirst(11).prefix(15)) }
}
