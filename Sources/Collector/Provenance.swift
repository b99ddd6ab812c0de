public import EventModel

/// What is known of the recording itself: host, clocks, sources, gaps.
public struct Provenance: Sendable {
    public private(set) var host: Host?
    /// The configuration that the recording was made under (YAML).
    public private(set) var configuration = ""
    private var statuses: [String: SourceStatus] = [:]
    private var order: [String] = []
    private var recordedGaps: [Gap] = []
    private var offsets: [(at: BootTime, offset: WallOffset)] = []
    /// Time of the first and the last record.
    public private(set) var first: BootTime?
    public private(set) var last: BootTime?

    /// Most gaps and clock changes kept, the latest.
    private static let limit = 4096

    public init() {}

    public mutating func apply(_ event: Event) {
        first = first ?? event.time
        last = max(last ?? event.time, event.time)
        switch event.body {
        case .host(let host):
            self.host = host
            learn(host.wallOffset, at: event.time)
        case .clock(let offset): learn(offset, at: event.time)
        case .configuration(let text): configuration = text
        case .source(let status): learn(status)
        case .gap(let gap): learn(gap)
        default: return
        }
    }

    /// A record that could not be read was something, at about the time of its neighbours. Many in a row are one gap.
    mutating func learnMalformed() {
        let now = last ?? .zero
        if let index = recordedGaps.indices.last, recordedGaps[index].source == Gap.decoder,
            recordedGaps[index].to + .seconds(1) >= now, recordedGaps[index].to <= now
        {
            recordedGaps[index].to = now
            recordedGaps[index].lost &+= 1
        } else {
            learn(Gap(source: Gap.decoder, from: now, to: now, lost: 1, why: "records could not be decoded"))
        }
    }

    private mutating func learn(_ gap: Gap) {
        recordedGaps.append(gap)
        if recordedGaps.count > Self.limit { recordedGaps.removeFirst(Self.limit / 4) }
    }

    private mutating func learn(_ status: SourceStatus) {
        guard statuses.count < 256 || statuses[status.name] != nil else { return }
        if statuses[status.name] == nil { order.append(status.name) }
        statuses[status.name] = status
    }

    private mutating func learn(_ offset: WallOffset, at time: BootTime) {
        // The two clocks drift by nanoseconds all the time; only a step is worth keeping.
        if let latest = offsets.last?.offset, latest.isWithin(1_000_000, of: offset) { return }
        offsets.append((time, offset))
        if offsets.count > Self.limit { offsets.removeFirst(Self.limit / 4) }
    }

    public var sources: [SourceStatus] { order.compactMap { statuses[$0] } }

    public func gaps(from: BootTime, to: BootTime) -> [Gap] {
        recordedGaps.filter { $0.to >= from && $0.from <= to }
    }

    public var allGaps: [Gap] { recordedGaps }

    /// How wall time stood to boot time at that moment.
    public func wallOffset(at time: BootTime) -> WallOffset {
        (offsets.last { $0.at <= time } ?? offsets.first)?.offset ?? WallOffset(nanoseconds: 0)
    }

    public func wall(_ time: BootTime) -> WallTime { wallOffset(at: time).wall(time) }
}

extension WallOffset {
    /// Two offsets out of a file may be further apart than a signed number can say.
    fileprivate func isWithin(_ nanoseconds: UInt64, of other: WallOffset) -> Bool {
        let (low, high) = (min(self.nanoseconds, other.nanoseconds), max(self.nanoseconds, other.nanoseconds))
        return UInt64(bitPattern: high &- low) < nanoseconds
    }
}
