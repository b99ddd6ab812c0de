public import EventModel

/// Who listened on which UNIX socket, as far as it was found: the kernel tells of no bind, so what was taken and given up
/// between two looks is not in it.
public struct UnixSocketTable: Sendable {
    public struct Holding: Hashable, Sendable {
        public var address: UnixAddress
        /// The socket's inode.
        public var socket: UInt64
        /// The process that called listen(2); nil where it had ended before the first look at the socket.
        public var holder: ProcessKey?
        /// When the name was taken: by the time of its file, otherwise by that of the look.
        public var since: BootTime
        /// Nobody saw it sooner.
        public var foundAt: BootTime
        /// When its file lost its name, while it still listened.
        public var namelessSince: BootTime?
        /// When the look came that no longer found it.
        public var goneAt: BootTime?
        /// `procfs` where it was there when the collector came.
        public var source: Source
    }

    /// Most sockets kept.
    public static let capacity = 8192

    /// By inode; one that is used again belongs to another socket, which has another time.
    private var holdings: [UInt64: Holding] = [:]

    public init() {}

    public mutating func apply(_ event: Event) {
        guard case .unixSocket(let change) = event.body else { return }
        switch change.step {
        case .listening:
            if holdings.count >= Self.capacity, holdings[change.socket] == nil { forgetOldest() }
            holdings[change.socket] = Holding(
                address: change.address, socket: change.socket, holder: event.process,
                since: min(change.changedAt ?? event.time, event.time), foundAt: event.time, source: event.source)
        case .nameless:
            holdings[change.socket]?.namelessSince = min(change.changedAt ?? event.time, event.time)
        case .closed:
            holdings[change.socket]?.goneAt = event.time
        }
    }

    /// Those that had that address at some time, the earliest first.
    public func holdings(of address: UnixAddress) -> [Holding] {
        holdings.values.filter { $0.address == address }.sorted(by: Self.isEarlier)
    }

    /// Of each name of a file that was taken in that time, all that had it, the earliest first; only where they are several.
    public func takenAgain(since: BootTime, until: BootTime) -> [[Holding]] {
        let taken = holdings.values.filter { $0.since >= since && $0.since <= until && !$0.address.isAbstract }
        let names = Set(taken.map(\.address))
        return Dictionary(grouping: holdings.values.filter { names.contains($0.address) }, by: \.address).values
            .filter { $0.count > 1 }.map { $0.sorted(by: Self.isEarlier) }
    }

    /// All that fulfil a condition, the earliest first.
    public func holdings(where condition: (Holding) -> Bool) -> [Holding] {
        holdings.values.filter(condition).sorted(by: Self.isEarlier)
    }

    /// The earlier half: first of those that are gone, then of all. Those of one moment go together, so that the order of a
    /// hash table does not matter.
    private mutating func forgetOldest() {
        let gone = holdings.values.filter { $0.goneAt != nil }.map(\.foundAt).sorted()
        if let last = gone.isEmpty ? nil : gone[gone.count / 2] {
            holdings = holdings.filter { $0.value.goneAt == nil || $0.value.foundAt > last }
        }
        guard holdings.count >= Self.capacity else { return }
        let times = holdings.values.map(\.foundAt).sorted()
        let last = times[times.count / 2]
        holdings = holdings.filter { $0.value.foundAt > last }
    }

    private static func isEarlier(_ a: Holding, _ b: Holding) -> Bool {
        (a.since, a.foundAt, a.socket) < (b.since, b.foundAt, b.socket)
    }
}
