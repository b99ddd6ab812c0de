import DequeModule
public import EventModel

/// Every process that was seen, alive or not, within a budget of bytes.
///
/// When the budget is used up, the table forgets, in this order: processes that have ended and made none that is still
/// kept, the oldest ending first; then ended ones that only hold a single line of descent together (a process that
/// respawns itself for ever leaves nothing else, and would push out everything that lives); then, when only living ones
/// and their ancestors are left, the living ones without kept children, the oldest first. What it forgets is counted. A
/// living process that was forgotten comes back, without its past, with the next event that names it.
public struct ProcessTable: Sendable {
    /// Budget in bytes: entries, the indexes, and exec images, each counted once.
    public let capacity: Int
    public internal(set) var usedBytes = 0
    public internal(set) var forgotten = Forgotten()

    public struct Forgotten: Hashable, Sendable {
        public var ended: UInt64 = 0
        public var living: UInt64 = 0
    }

    /// Longest lineage that is followed.
    public static let deepest = 4096

    /// Entry, its share of the index at its lowest load, and its place in the queue.
    static let entryCost = 384

    /// By slot; those in `free` are vacant. Written field by field: a whole entry is large to copy.
    var entries: ContiguousArray<TrackedProcess> = []
    var free: [Int32] = []
    /// The slot of each pid's latest holder.
    var latest = PIDPages()
    /// The slots of those that held a pid before.
    var earlier: [ProcessKey: Int32] = [:]
    /// Kept entries whose start is known only to the tick: while there are none, nothing is looked up by tick.
    var wholeTicks = 0
    /// Ended entries without kept children, the oldest ending first.
    var ended: Deque<Int32> = []
    /// By the process that does the work.
    var requests: [ProcessKey: KeptRequest] = [:]
    /// Those that must be kept for work that may come, and how often.
    var retained: [ProcessKey: Int32] = [:]
    public internal(set) var census = TagCensus()

    public init(capacity: Int = 64 << 20) {
        self.capacity = capacity
    }

    /// Entries kept, alive or ended.
    public var count: Int { entries.count - free.count }
    public internal(set) var livingCount = 0

    // MARK: Looking up

    /// The process of that key. One whose start is known only to the tick of `/proc` is found by either form.
    public subscript(key: ProcessKey) -> TrackedProcess? {
        slot(of: key).map { entries[Int($0)] }
    }

    public func living(pid: Int32) -> TrackedProcess? {
        livingSlot(of: pid).map { entries[Int($0)] }
    }

    /// The latest that had that pid, where it lives or has ended only just before `time`: for what names a bare pid right
    /// after the act.
    public func recent(pid: Int32, at time: BootTime, within patience: Interval = .seconds(2)) -> TrackedProcess? {
        guard pid != 0, let slot = latest[pid], entries[Int(slot)].key.pid == pid else { return nil }
        let process = entries[Int(slot)]
        guard process.key.start <= time, process.exit.map({ $0.at + patience >= time }) ?? true else { return nil }
        return process
    }

    /// The key that the process is kept under, which is the more exact one.
    public func known(_ key: ProcessKey) -> ProcessKey? { slot(of: key).map { entries[Int($0)].key } }

    /// The agent membership of the process; nil where it is not known.
    public func tag(of key: ProcessKey) -> Int32? { slot(of: key).map { entries[Int($0)].tag } }

    public var all: [TrackedProcess] { entries.filter { !$0.isVacant } }

    /// From the process itself up to the oldest known one: by the request that it works for, where there is one, else by
    /// its fork edge. No longer than `deepest`, come what may.
    public func lineage(of key: ProcessKey) -> [TrackedProcess] { line(from: key) { above($0) } }

    /// The same by fork edges alone: who made it, whoever asked for it.
    public func forkLineage(of key: ProcessKey) -> [TrackedProcess] { line(from: key) { $0.creator } }

    private func line(from key: ProcessKey, _ above: (TrackedProcess) -> ProcessKey?) -> [TrackedProcess] {
        var chain: [TrackedProcess] = []
        var next: ProcessKey? = key
        while let current = next, let process = self[current], chain.count < Self.deepest {
            chain.append(process)
            next = above(process)
            if next == current { next = nil }
        }
        return chain
    }
}
