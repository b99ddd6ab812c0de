public import EventModel

/// The last records in memory: a hard cap in bytes, taken whole at the start. The oldest make room for the newest.
///
/// Two lanes, so that a storm of the frequent cannot push out the rare: `flood` for forks, execs and exits, `decisive`
/// for signals, OOM kills, gaps and the like. Which record goes where is the caller's choice.
public struct FlightRing: ~Copyable {
    public enum Lane: UInt8, Hashable, Sendable, CaseIterable {
        case flood = 0
        case decisive = 1
    }

    /// What a lane holds, and what it had to forget.
    public struct Holding: Hashable, Sendable {
        public var records: Int
        /// Bytes of these records.
        public var bytes: Int
        /// Bytes that the lane has.
        public var capacity: Int
        /// Records that made room for newer ones.
        public var evicted: UInt64
        /// Records that were none, or were larger than the lane, and were not taken.
        public var refused: UInt64
        /// Latest time of all evicted records: after it the lane is complete. Nil while nothing was evicted.
        public var newestEvicted: BootTime?
    }

    private var flood: RingLane
    private var decisive: RingLane

    /// Takes the memory of both lanes; sizes in bytes, rounded down to a multiple of 8. Throws where it cannot be had.
    public init(floodBytes: Int = 8 << 20, decisiveBytes: Int = 2 << 20) throws(SystemCallError) {
        let flood = try RingLane(capacity: floodBytes)
        let decisive = try RingLane(capacity: decisiveBytes)
        self.flood = flood
        self.decisive = decisive
    }

    /// Copies a record in. False, and counted as refused, where its size does not say what `record.count` says, or is
    /// more than the lane.
    @discardableResult
    public mutating func append(_ record: UnsafeRawBufferPointer, lane: Lane) -> Bool {
        switch lane {
        case .flood: flood.append(record)
        case .decisive: decisive.append(record)
        }
    }

    public func holding(of lane: Lane) -> Holding {
        switch lane {
        case .flood: flood.holding
        case .decisive: decisive.holding
        }
    }

    /// The records with a time in `from...to`, in the order of arrival; without a `lane` those of both, merged by time
    /// (as far as each lane is in order; at equal times `flood` first). The bytes are valid within `body` only.
    public func forEach<Failure: Error>(
        from: BootTime = .zero, to: BootTime = BootTime(nanoseconds: .max), lane: Lane? = nil,
        _ body: (UnsafeRawBufferPointer, Lane) throws(Failure) -> Void
    ) throws(Failure) {
        let lanes = lane.map { [$0] } ?? Lane.allCases
        var floodCursor = lanes.contains(.flood) ? flood.first : .none
        var decisiveCursor = lanes.contains(.decisive) ? decisive.first : .none
        while true {
            let common = flood.record(at: floodCursor)
            let rare = decisive.record(at: decisiveCursor)
            if let common, rare.map({ common.time <= $0.time }) ?? true {
                if common.time >= from, common.time <= to { try body(common.bytes, .flood) }
                floodCursor = flood.after(floodCursor, common)
            } else if let rare {
                if rare.time >= from, rare.time <= to { try body(rare.bytes, .decisive) }
                decisiveCursor = decisive.after(decisiveCursor, rare)
            } else {
                return
            }
        }
    }

    /// What must always hold and does not; empty when all is well. For tests.
    func violations() -> [String] { flood.violations() + decisive.violations() }
}
