import DequeModule
public import EventModel

/// Every process that was seen, alive or not, within a budget of bytes.
///
/// When the budget is used up, the table forgets, in this order: processes that have ended and made none that is still
/// kept, the oldest ending first; then, when only living ones and their ancestors are left, the living ones without kept
/// children, the oldest first. What it forgets is counted. A living process that was forgotten comes back, without its
/// past, with the next event that names it.
public struct ProcessTable: Sendable {
    /// Budget in bytes: entries, their part of the indexes, and exec images, each counted once.
    public let capacity: Int
    public private(set) var usedBytes = 0
    public private(set) var forgotten = Forgotten()

    public struct Forgotten: Hashable, Sendable {
        public var ended: UInt64 = 0
        public var living: UInt64 = 0
    }

    /// Entry, its share of two hash tables at their lowest load, and its place in the queue.
    static let entryCost = 384

    private var entries: ContiguousArray<TrackedProcess> = []
    private var free: [Int32] = []
    private var index: [ProcessKey: Int32] = [:]
    private var livingByPID: [Int32: Int32] = [:]
    /// Ended entries without kept children, the oldest ending first.
    private var ended: Deque<Int32> = []
    public private(set) var census = TagCensus()

    public init(capacity: Int = 64 << 20) {
        self.capacity = capacity
    }

    /// Entries kept, alive or ended.
    public var count: Int { index.count }
    public var livingCount: Int { livingByPID.count }

    // MARK: Looking up

    /// The process of that key. One whose start is known only to the tick of `/proc` is found by either form.
    public subscript(key: ProcessKey) -> TrackedProcess? {
        slot(of: key).map { entries[Int($0)] }
    }

    public func living(pid: Int32) -> TrackedProcess? {
        livingByPID[pid].map { entries[Int($0)] }
    }

    public var all: [TrackedProcess] { entries.filter { !$0.isVacant } }

    /// From the process itself up its fork edges to the oldest known one. Ends after 4,096 steps, come what may.
    public func lineage(of key: ProcessKey) -> [TrackedProcess] {
        var chain: [TrackedProcess] = []
        var next: ProcessKey? = key
        while let current = next, let process = self[current], chain.count < 4096 {
            chain.append(process)
            next = process.creator == current ? nil : process.creator
        }
        return chain
    }

    private func slot(of key: ProcessKey) -> Int32? {
        if let exact = index[key] { return exact }
        guard let living = livingByPID[key.pid], entries[Int(living)].key.matches(tick: key) else { return nil }
        return living
    }

    // MARK: Learning

    /// Takes in one event; those that say nothing of processes change nothing.
    public mutating func apply(_ event: Event) {
        switch event.body {
        case .fork(let fork): applyFork(fork, event)
        case .exec(let exec): applyExec(exec, event)
        case .exit(let exit): applyExit(exit, event)
        case .seen(let seen): applySeen(seen, event)
        case .cgroup(.moved): update(event.process, event) { $0.cgroup = event.cgroup }
        default: return
        }
        if usedBytes > capacity { makeRoom(sparing: event.process) }
    }

    /// Gives the process, and what it forks from now on, an agent membership.
    public mutating func setTag(_ tag: Int32, for key: ProcessKey, at time: BootTime) {
        guard let slot = slot(of: key) else { return }
        if entries[Int(slot)].isAlive {
            census.left(entries[Int(slot)].tag, at: time)
            census.joined(tag)
        }
        entries[Int(slot)].tag = tag
    }

    private mutating func applyFork(_ fork: Fork, _ event: Event) {
        let creator = event.process.map { slotOrNew($0, event) }
        if let known = index[fork.child] {
            // It was listed as already running before its fork was read: only the edge is news, and it is the true one.
            correctEdge(of: known, to: creator, event)
            return
        }
        var child = TrackedProcess(key: fork.child, seenBy: event.source)
        child.parentPID = fork.childParentPID
        child.innerPID = fork.childInnerPID
        child.uid = fork.uid
        child.cgroup = event.cgroup
        if let creator { inherit(&child, from: Int(creator)) }
        insert(child)
    }

    private mutating func inherit(_ child: inout TrackedProcess, from creator: Int) {
        child.creator = entries[creator].key
        child.fallbackComm = entries[creator].fallbackComm
        child.tag = entries[creator].tag
        child.image = entries[creator].image
        if let image = child.image { hold(image) }
        entries[creator].retainedChildren += 1
    }

    private mutating func applyExec(_ exec: Exec, _ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        let image = TrackedImage(exec.image)
        hold(image)
        entries[Int(slot)].uid = exec.uid
        entries[Int(slot)].parentPID = exec.parentPID
        entries[Int(slot)].cgroup = event.cgroup
        if let inner = exec.innerPID { entries[Int(slot)].innerPID = inner }
        replaceImage(of: slot, by: image, at: event.time)
    }

    /// The image it was born with and the latest few in between are kept for what it did while it ran them.
    private mutating func replaceImage(of slot: Int32, by image: TrackedImage, at time: BootTime) {
        let slot = Int(slot)
        if let former = entries[slot].image {
            if let since = entries[slot].imageSince {
                entries[slot].formerImages.append((since, former))
                if entries[slot].formerImages.count > Self.formerImagesKept {
                    release(entries[slot].formerImages.removeFirst().image)
                }
            } else {
                entries[slot].bornImage = former
            }
        }
        entries[slot].image = image
        entries[slot].imageSince = time
    }

    private static let formerImagesKept = 4

    private mutating func applyExit(_ exit: Exit, _ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        // Two threads that leave at once may both be taken for the last one.
        guard entries[Int(slot)].isAlive else { return }
        end(slot, .init(at: event.time, status: exit.status, maxRSSKiB: exit.maxRSSKiB))
        let pid = entries[Int(slot)].key.pid
        if livingByPID[pid] == slot { livingByPID[pid] = nil }
    }

    private mutating func end(_ slot: Int32, _ ending: TrackedProcess.Ending) {
        entries[Int(slot)].exit = ending
        census.left(entries[Int(slot)].tag, at: ending.at)
        queueIfForgettable(slot)
    }

    private mutating func applySeen(_ seen: ProcessSeen, _ event: Event) {
        guard let key = event.process else { return }
        let isNew = slot(of: key) == nil
        let slot = slotOrNew(key, event)
        if isNew || entries[Int(slot)].creator == nil, let parent = seen.parent, parent != key {
            adopt(slot, by: slotOrNew(parent, event))
            entries[Int(slot)].edgeSource = .procfs
            if isNew, let creator = entries[Int(slot)].creator, let above = index[creator] {
                setTag(entries[Int(above)].tag, for: key, at: event.time)
            }
        }
        if let parent = seen.parent { entries[Int(slot)].parentPID = parent.pid }
        entries[Int(slot)].uid = seen.uid
        entries[Int(slot)].innerPID = seen.innerPID
        entries[Int(slot)].isKernelThread = seen.isKernelThread
        entries[Int(slot)].fallbackComm = seen.comm
        if event.cgroup != .unknown { entries[Int(slot)].cgroup = event.cgroup }
        // An image that was captured at exec stands: what /proc shows may have been rewritten since.
        if entries[Int(slot)].image == nil, let value = seen.image {
            let image = TrackedImage(value)
            hold(image)
            entries[Int(slot)].image = image
        }
    }

    private mutating func update(_ key: ProcessKey?, _ event: Event, _ change: (inout TrackedProcess) -> Void) {
        guard let key else { return }
        let slot = slotOrNew(key, event)
        change(&entries[Int(slot)])
    }

    /// What `/proc` called the parent may be whoever took an orphan in; the fork says who made it.
    private mutating func correctEdge(of slot: Int32, to creator: Int32?, _ event: Event) {
        let entry = entries[Int(slot)]
        guard entry.edgeSource != .bpf else { return }
        if let wrong = entry.creator, let above = index[wrong] {
            entries[Int(above)].retainedChildren -= 1
            queueIfForgettable(above)
        }
        entries[Int(slot)].creator = nil
        adopt(slot, by: creator)
        entries[Int(slot)].edgeSource = event.source
        let inherited = creator.map { entries[Int($0)].tag } ?? 0
        if inherited != 0, entry.tag == 0 { setTag(inherited, for: entry.key, at: event.time) }
    }

    private mutating func adopt(_ slot: Int32, by creator: Int32?) {
        guard let creator, creator != slot else { return }
        entries[Int(slot)].creator = entries[Int(creator)].key
        entries[Int(creator)].retainedChildren += 1
    }

    // MARK: Storage

    /// The entry of that key; an event about a process never heard of makes one, without a past.
    private mutating func slotOrNew(_ key: ProcessKey, _ event: Event) -> Int32 {
        if let known = slot(of: key) { return known }
        var entry = TrackedProcess(key: key, seenBy: .procfs)
        entry.cgroup = event.cgroup
        return insert(entry)
    }

    @discardableResult
    private mutating func insert(_ entry: TrackedProcess) -> Int32 {
        // A pid that lives again under another start time: its former holder's end was missed.
        if let stale = livingByPID[entry.key.pid] { end(stale, .init(at: entry.key.start, status: nil, maxRSSKiB: 0)) }
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
        } else {
            slot = Int32(entries.count)
            entries.append(entry)
        }
        index[entry.key] = slot
        livingByPID[entry.key.pid] = slot
        usedBytes += Self.entryCost
        census.joined(entry.tag)
        return slot
    }

    private func isForgettable(_ slot: Int32) -> Bool {
        !entries[Int(slot)].isAlive && entries[Int(slot)].retainedChildren == 0
    }

    private mutating func queueIfForgettable(_ slot: Int32) {
        guard isForgettable(slot), !entries[Int(slot)].isQueued else { return }
        entries[Int(slot)].isQueued = true
        ended.append(slot)
    }

    private mutating func hold(_ image: TrackedImage) {
        if image.holders == 0 { usedBytes += image.cost }
        image.holders += 1
    }

    private mutating func release(_ image: TrackedImage?) {
        guard let image else { return }
        image.holders -= 1
        if image.holders == 0 { usedBytes -= image.cost }
    }

    private mutating func forget(_ slot: Int32) {
        let entry = entries[Int(slot)]
        release(entry.image)
        release(entry.bornImage)
        for former in entry.formerImages { release(former.image) }
        entries[Int(slot)] = .vacant
        index[entry.key] = nil
        if livingByPID[entry.key.pid] == slot { livingByPID[entry.key.pid] = nil }
        free.append(slot)
        usedBytes -= Self.entryCost
        if let creator = entry.creator, let above = index[creator] {
            entries[Int(above)].retainedChildren -= 1
            queueIfForgettable(above)
        }
    }

    private mutating func makeRoom(sparing spared: ProcessKey?) {
        while usedBytes > capacity, let slot = ended.popFirst() {
            entries[Int(slot)].isQueued = false
            guard isForgettable(slot), !entries[Int(slot)].isVacant else { continue }
            forget(slot)
            forgotten.ended += 1
        }
        if usedBytes > capacity { forgetLiving(sparing: spared) }
    }

    /// One pass frees a sixteenth, so that the search for the oldest is not made for every event.
    private mutating func forgetLiving(sparing spared: ProcessKey?) {
        let leaves = entries.indices.filter { slot in
            !entries[slot].isVacant && entries[slot].retainedChildren == 0 && entries[slot].key != spared
        }
        let target = capacity - capacity / 16
        for slot in leaves.sorted(by: { started($0) < started($1) }) where usedBytes > target {
            if entries[slot].isAlive {
                forgotten.living += 1
                census.left(entries[slot].tag, at: entries[slot].key.start)
            }
            forget(Int32(slot))
        }
    }

    private func started(_ slot: Int) -> BootTime { entries[slot].key.start }
}
