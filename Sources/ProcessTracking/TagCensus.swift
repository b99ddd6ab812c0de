public import EventModel

/// How many processes of each agent membership are alive, and when the last one left.
public struct TagCensus: Hashable, Sendable {
    private var living: [Int32: Int] = [:]
    private var lastLeft: [Int32: BootTime] = [:]
    private var everJoined: [Int32: UInt64] = [:]

    init() {}

    public func living(_ tag: Int32) -> Int { living[tag] ?? 0 }

    /// When it last had a living process: nil while it has one, or if it never had.
    public func lastLeft(_ tag: Int32) -> BootTime? { living(tag) > 0 ? nil : lastLeft[tag] }

    /// How many processes it ever had; one that came back is counted again.
    public func ever(_ tag: Int32) -> UInt64 { everJoined[tag] ?? 0 }

    mutating func joined(_ tag: Int32) {
        guard tag != 0 else { return }
        living[tag, default: 0] += 1
        everJoined[tag, default: 0] += 1
    }

    mutating func left(_ tag: Int32, at time: BootTime) {
        guard tag != 0, let count = living[tag] else { return }
        living[tag] = count > 1 ? count - 1 : nil
        lastLeft[tag] = max(lastLeft[tag] ?? time, time)
    }

    mutating func retire(_ tag: Int32) {
        living[tag] = nil
        lastLeft[tag] = nil
        everJoined[tag] = nil
    }

    var counts: [Int32: Int] { living }
}
