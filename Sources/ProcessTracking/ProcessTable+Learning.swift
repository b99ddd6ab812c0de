public import EventModel

extension ProcessTable {
    /// Takes in one event; those that say nothing of processes change nothing.
    public mutating func apply(_ event: Event) {
        switch event.body {
        case .fork(let fork): applyFork(fork, event)
        case .exec(let exec): applyExec(exec, event)
        case .exit(let exit): applyExit(exit, event)
        case .seen(let seen): applySeen(seen, event)
        case .cgroup(.moved): applyMove(event)
        default: return
        }
        if usedBytes > capacity { makeRoom(sparing: event.process, at: event.time) }
    }

    private mutating func applyFork(_ fork: Fork, _ event: Event) {
        let creator = event.process.map { slotOrNew($0, event) }
        if let known = slot(of: fork.child) {
            // It acted, or was listed as already running, before its fork was read: the edge is news, and the true one.
            correctEdge(of: known, to: creator, event)
            complete(known, with: fork, creator, event)
            return
        }
        var child = TrackedProcess(key: fork.child, seenBy: event.source)
        child.parentPID = fork.childParentPID
        child.innerPID = fork.childInnerPID
        child.uid = fork.uid
        child.cgroup = event.cgroup
        if let creator { beget(&child, by: creator) }
        insert(consume child)
    }

    /// What a new child has from its creator. Nothing descends from it yet, so the edge can make no circle.
    private mutating func beget(_ child: inout TrackedProcess, by creator: Int32) {
        child.tag = entries[Int(creator)].tag
        child.fallbackComm = entries[Int(creator)].fallbackComm
        if let image = entries[Int(creator)].image {
            hold(image)
            child.image = image
        }
        let maker = entries[Int(creator)].key
        guard maker.start.ticks <= child.key.start.ticks else { return }
        child.creator = maker
        entries[Int(creator)].retainedChildren += 1
    }

    private mutating func applyExec(_ exec: Exec, _ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        replaceImage(of: slot, by: TrackedImage(exec.image), at: event.time)
        entries[Int(slot)].uid = exec.uid
        // What could not be read of a process that was gone does not undo what its fork told.
        if exec.parentPID != 0 { entries[Int(slot)].parentPID = exec.parentPID }
        if event.cgroup != .unknown { entries[Int(slot)].cgroup = event.cgroup }
        if let inner = exec.innerPID { entries[Int(slot)].innerPID = inner }
    }

    private mutating func applyExit(_ exit: Exit, _ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        if let known = entries[Int(slot)].exit {
            // Two threads that leave at once may both be taken for the last one: the first counts. An end that was only
            // concluded from the pid's next holder is replaced by the real one.
            if known.status == nil, exit.status != nil {
                entries[Int(slot)].exit = .init(at: event.time, status: exit.status, maxRSSKiB: exit.maxRSSKiB)
            }
            return
        }
        end(slot, .init(at: event.time, status: exit.status, maxRSSKiB: exit.maxRSSKiB))
    }

    private mutating func applySeen(_ seen: ProcessSeen, _ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        // An edge that was seen at fork stands, also where the creator is outside the pid namespace and so has no key.
        if entries[Int(slot)].creator == nil, entries[Int(slot)].edgeSource != .bpf, let parent = seen.parent {
            adopt(slot, by: slotOrNew(parent, event))
            entries[Int(slot)].edgeSource = .procfs
            inheritTag(slot, insteadOf: 0, at: event.time)
        }
        if let parent = seen.parent { entries[Int(slot)].parentPID = parent.pid }
        entries[Int(slot)].uid = seen.uid
        entries[Int(slot)].innerPID = seen.innerPID
        entries[Int(slot)].isKernelThread = seen.isKernelThread
        entries[Int(slot)].fallbackComm = seen.comm
        if event.cgroup != .unknown { entries[Int(slot)].cgroup = event.cgroup }
        // An image that was captured at exec stands: what /proc shows may have been rewritten since.
        if entries[Int(slot)].image == nil, let image = seen.image { setImage(image, of: slot) }
    }

    private mutating func applyMove(_ event: Event) {
        guard let key = event.process else { return }
        let slot = slotOrNew(key, event)
        entries[Int(slot)].cgroup = event.cgroup
    }
}

// MARK: Edges

extension ProcessTable {
    /// What `/proc` called the parent may be whoever took an orphan in; the fork says who made it.
    private mutating func correctEdge(of slot: Int32, to creator: Int32?, _ event: Event) {
        let entry = entries[Int(slot)]
        guard entry.edgeSource != .bpf else { return }
        var wrongTag: Int32 = 0
        if let wrong = entry.creator {
            wrongTag = tag(of: wrong) ?? 0
            releaseChild(of: wrong)
        }
        entries[Int(slot)].creator = nil
        adopt(slot, by: creator)
        entries[Int(slot)].edgeSource = event.source
        inheritTag(slot, insteadOf: wrongTag, at: event.time)
    }

    /// What only the fork tells of a process that was met before its fork; what came later stands.
    private mutating func complete(_ slot: Int32, with fork: Fork, _ creator: Int32?, _ event: Event) {
        let entry = entries[Int(slot)]
        if event.source == .bpf { entries[Int(slot)].seenBy = .bpf }
        if entry.parentPID == nil { entries[Int(slot)].parentPID = fork.childParentPID }
        if entry.innerPID == nil { entries[Int(slot)].innerPID = fork.childInnerPID }
        if entry.uid == nil { entries[Int(slot)].uid = fork.uid }
        if entry.cgroup == .unknown { entries[Int(slot)].cgroup = event.cgroup }
        if entry.image == nil { inherit(slot, from: creator) }
    }

    /// Records the edge. Refuses one that says that a process is its own ancestor or was made by one that started later:
    /// only a damaged or forged record does, and a circle could never be forgotten.
    private mutating func adopt(_ slot: Int32, by creator: Int32?) {
        guard let creator, creator != slot else { return }
        let maker = entries[Int(creator)].key
        guard maker.start.ticks <= entries[Int(slot)].key.start.ticks,
            entries[Int(slot)].retainedChildren == 0 || !isAncestor(slot, of: creator)
        else { return }
        entries[Int(slot)].creator = maker
        entries[Int(creator)].retainedChildren += 1
    }

    /// Also true where the way up is too long to tell.
    func isAncestor(_ slot: Int32, of other: Int32) -> Bool {
        let (key, below) = (entries[Int(slot)].key, entries[Int(other)].key)
        let lines = requests.isEmpty ? [lineage(of: below)] : [lineage(of: below), forkLineage(of: below)]
        return lines.contains { line in line.count >= Self.deepest || line.contains { $0.key == key } }
    }

    private mutating func inherit(_ slot: Int32, from creator: Int32?) {
        guard let creator, creator != slot else { return }
        entries[Int(slot)].fallbackComm = entries[Int(creator)].fallbackComm
        guard let image = entries[Int(creator)].image else { return }
        hold(image)
        entries[Int(slot)].image = image
    }

    /// An edge that became known late hands the creator's membership down, to what the process has made meanwhile as
    /// well. Only what has `old`, the membership of the edge that was wrong, is changed: an agent keeps its own.
    mutating func inheritTag(_ slot: Int32, insteadOf old: Int32, at time: BootTime) {
        let entry = entries[Int(slot)]
        guard entry.tag == old else { return }
        let new = inheritedTag(entry)
        guard new != old else { return }
        setTag(new, for: entry.key, at: time)
        guard entry.retainedChildren > 0 else { return }
        var below: [ProcessKey: [ProcessKey]] = [:]
        for child in entries {
            if let above = above(child) { below[above, default: []].append(child.key) }
        }
        var waiting = below[entry.key] ?? []
        while let key = waiting.popLast() {
            guard self.tag(of: key) == old else { continue }
            setTag(new, for: key, at: time)
            waiting += below[key] ?? []
        }
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

    /// The membership is kept nowhere any more: the census need not remember when it ended.
    public mutating func retireTag(_ tag: Int32) { census.retire(tag) }
}
