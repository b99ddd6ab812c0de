/// What a unit's file says of the memory that the unit may have (systemd.resource-control(5)).
public struct MemorySettings: Hashable, Sendable {
    /// MemoryMax=; nil where the file does not say it.
    public var max: Amount?
    /// MemoryLimit=, its older name.
    public var limit: Amount?
    /// MemoryHigh=: a unit that has more is slowed down, and not ended.
    public var high: Amount?

    public enum Amount: Hashable, Sendable {
        case bytes(UInt64)
        /// `infinity`, or nothing: what another file said before is void.
        case unlimited
        /// A part of the machine's memory.
        case share
    }

    public init(max: Amount? = nil, limit: Amount? = nil, high: Amount? = nil) {
        self.max = max
        self.limit = limit
        self.high = high
    }

    /// The most that the unit may have by it; nil where it says nothing of that. The older name counts where the newer one
    /// sets no limit.
    public var ceiling: Amount? {
        guard let max, max != .unlimited else { return limit ?? max }
        return max
    }

    /// `MemoryMax=64M, MemoryHigh=50M`, as they would be written; empty where it says nothing.
    public var text: String {
        [("MemoryMax", max), ("MemoryLimit", limit), ("MemoryHigh", high)]
            .compactMap { name, amount in amount.map { "\(name)=\($0.text)" } }
            .joined(separator: ", ")
    }
}

extension MemorySettings.Amount {
    fileprivate var text: String {
        switch self {
        case .unlimited: return "infinity"
        case .share: return "…%"
        case .bytes(let bytes):
            for (suffix, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)] as [(String, UInt64)] {
                if bytes > 0, bytes & (1 << shift - 1) == 0 { return "\(bytes >> shift)\(suffix)" }
            }
            return String(bytes)
        }
    }
}
