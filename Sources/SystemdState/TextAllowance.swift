internal import EventModel

/// How many log lines of one unit are taken in one second; the others are counted.
struct TextAllowance {
    /// Lines of a unit in a second.
    static let lines = 20
    /// Units that are told apart within a second; all further ones share one allowance.
    static let units = 512

    private var second: UInt64 = 0
    private var taken: [UnitID: Int] = [:]
    /// Of all units beyond `units` together.
    private var takenByOthers = 0
    private(set) var refused: UInt64 = 0
    private(set) var firstRefused = BootTime.zero

    /// Whether a line of that unit's may pass at `time`.
    mutating func admits(_ unit: UnitID, at time: BootTime) -> Bool {
        let current = time.nanoseconds / 1_000_000_000
        if current != second {
            second = current
            taken.removeAll(keepingCapacity: true)
            takenByOthers = 0
        }
        let count = taken[unit]
        let isApart = count != nil || taken.count < Self.units
        guard isApart ? count ?? 0 < Self.lines : takenByOthers < Self.lines else {
            if refused == 0 { firstRefused = time }
            refused &+= 1
            return false
        }
        if isApart { taken[unit, default: 0] += 1 } else { takenByOthers += 1 }
        return true
    }

    /// What was refused since the last call.
    mutating func takeRefused() -> (count: UInt64, from: BootTime)? {
        guard refused > 0 else { return nil }
        defer { refused = 0 }
        return (refused, firstRefused)
    }
}
