import EventModel
import ProcFS

/// Looks at what dies with the large processes, before it does: what they hold and have open. A little at each call, since
/// the kernel's records wait meanwhile.
struct MemorySnapshot {
    private let files: ProcFS
    private let mostDescriptors: UInt32
    var pace = SnapshotPace()
    /// The next one last.
    private var waiting: [ProcessKey] = []
    private var current: DescriptorCount?
    /// Not looked at since that was told last.
    private var omitted: UInt32 = 0

    /// CPU time that one call takes, about; and so long at most by the clock, where others want the CPU or memory has to be
    /// waited for.
    private static let slice = Interval.milliseconds(3)
    static let longest = Interval.milliseconds(10)

    init(_ files: ProcFS, mostDescriptors: UInt32 = DescriptorCount.most) {
        self.files = files
        self.mostDescriptors = mostDescriptors
    }

    /// A new round; what the last one has not come to is left out.
    mutating func begin(_ processes: [ProcessKey], at now: BootTime) {
        leaveOut()
        waiting = processes.prefix(SnapshotChoice.most).reversed()
        pace.began(at: now)
    }

    /// Goes on with the round, for `longest` at most. Nil where nothing came of it by now; and the CPU time that it took.
    mutating func goOn(for longest: Interval = MemorySnapshot.longest) -> (found: ProcessHoldings?, cost: Interval) {
        guard current != nil || !waiting.isEmpty else { return (nil, Interval(nanoseconds: 0)) }
        let began = ProcFS.threadTime()
        let end = ProcFS.boottimeNow() + longest
        var cost: Interval { Interval(nanoseconds: ProcFS.threadTime().nanoseconds &- began.nanoseconds) }
        var found: [ProcessHolding] = []
        repeat {
            guard let count = next() else { break }
            switch count.go(until: end) {
            case .unfinished: continue
            case .held(let holding): found.append(holding)
            case .gone: omitted += 1
            }
            current = nil
        } while ProcFS.boottimeNow() < end && cost < Self.slice
        let took = cost
        pace.took(took)
        if pace.isOverdrawn { leaveOut() }
        return (told(found), took)
    }

    /// The one that is being looked at, or that is next; nil where there is none.
    private mutating func next() -> DescriptorCount? {
        while current == nil, let process = waiting.popLast() {
            current = DescriptorCount(of: process, in: files, most: mostDescriptors)
            if current == nil { omitted += 1 }
        }
        return current
    }

    private mutating func leaveOut() {
        omitted += UInt32(clamping: waiting.count + (current == nil ? 0 : 1))
        waiting.removeAll()
        current = nil
    }

    /// What was left out is told with what was found, or at the end of the round.
    private mutating func told(_ found: [ProcessHolding]) -> ProcessHoldings? {
        let isOver = waiting.isEmpty && current == nil
        guard !found.isEmpty || (isOver && omitted > 0) else { return nil }
        defer { omitted = 0 }
        return ProcessHoldings(entries: found, omitted: omitted)
    }
}
