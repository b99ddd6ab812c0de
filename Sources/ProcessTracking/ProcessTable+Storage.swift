import DequeModule
import EventModel

extension ProcessTable {
    /// The entry of that key; an event about a process never heard of makes one, without a past.
    mutating func slotOrNew(_ key: ProcessKey, _ event: Event) -> Int32 {
        if let known = slot(of: key) { return known }
        var entry = TrackedProcess(key: key, seenBy: .procfs)
        entry.cgroup = event.cgroup
        return insert(entry)
    }

    @discardableResult
    mutating func insert(_ entry: consuming TrackedProcess) -> Int32 {
        let tag = entry.tag
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
        } else {
            slot = Int32(entries.count)
            entries.append(entry)
        }
        usedBytes += Self.entryCost
        livingCount += 1
        census.joined(tag)
        enter(slot)
        return slot
    }

    mutating func end(_ slot: Int32, _ ending: TrackedProcess.Ending) {
        guard entries[Int(slot)].exit == nil else { return }
        entries[Int(slot)].exit = ending
        livingCount -= 1
        census.left(entries[Int(slot)].tag, at: ending.at)
        queueIfForgettable(slot)
    }

    mutating func queueIfForgettable(_ slot: Int32) {
        guard !entries[Int(slot)].isAlive, entries[Int(slot)].retainedChildren == 0, !entries[Int(slot)].isQueued
        else { return }
        entries[Int(slot)].isQueued = true
        ended.append(slot)
    }
}

// MARK: Forgetting

extension ProcessTable {
    mutating func makeRoom(sparing spared: ProcessKey?, at time: BootTime) {
        forgetEnded(downTo: capacity)
        guard usedBytes > capacity else { return }
        // One pass frees a sixteenth, so that the search for the oldest is not made for every event.
        let target = capacity - capacity / 16
        cutLines(downTo: target)
        if usedBytes > target { forgetLiving(downTo: target, sparing: spared, at: time) }
        forgetEnded(downTo: target)
    }

    private mutating func forget(_ slot: Int32) {
        guard !entries[Int(slot)].isVacant else { return }
        releaseImages(of: slot)
        releaseRequest(of: slot)
        retained[entries[Int(slot)].key] = nil
        leave(slot)
        if entries[Int(slot)].isAlive { livingCount -= 1 }
        let creator = entries[Int(slot)].creator
        entries[Int(slot)] = .vacant
        free.append(slot)
        usedBytes -= Self.entryCost
        if let creator { releaseChild(of: creator) }
    }

    private mutating func forgetEnded(downTo target: Int) {
        while usedBytes > target, let slot = ended.popFirst() {
            entries[Int(slot)].isQueued = false
            guard !entries[Int(slot)].isVacant, !entries[Int(slot)].isAlive, entries[Int(slot)].retainedChildren == 0
            else { continue }
            forget(slot)
            forgotten.ended += 1
        }
    }

    /// Ended ones with a single kept child, the oldest ending first; the child keeps its membership, not its past.
    private mutating func cutLines(downTo target: Int) {
        var links: [(at: BootTime, slot: Int)] = []
        for slot in entries.indices {
            if let exit = entries[slot].exit, entries[slot].retainedChildren == 1 { links.append((exit.at, slot)) }
        }
        guard !links.isEmpty else { return }
        var gone: Set<ProcessKey> = []
        for link in links.sorted(by: { ($0.at, $0.slot) < ($1.at, $1.slot) }) where usedBytes > target {
            guard entries[link.slot].retainedChildren == 1 else { continue }
            gone.insert(entries[link.slot].key)
            forget(Int32(link.slot))
            forgotten.ended += 1
        }
        for slot in entries.indices {
            if let creator = entries[slot].creator, gone.contains(creator) { entries[slot].creator = nil }
        }
        forgetRequesters(gone)
    }

    /// Those without kept children, the oldest first, and then those that have none left because of that.
    private mutating func forgetLiving(downTo target: Int, sparing spared: ProcessKey?, at time: BootTime) {
        var leaves = entries.indices.filter { isLivingLeaf($0, sparing: spared) }
        while usedBytes > target, !leaves.isEmpty {
            var next: [Int] = []
            for slot in leaves.sorted(by: { (started($0), $0) < (started($1), $1) }) where usedBytes > target {
                let creator = entries[slot].creator
                forgotten.living += 1
                census.left(entries[slot].tag, at: time)
                forget(Int32(slot))
                if let above = creator.flatMap({ exactSlot(of: $0) }), isLivingLeaf(Int(above), sparing: spared) {
                    next.append(Int(above))
                }
            }
            leaves = next
        }
    }

    private func isLivingLeaf(_ slot: Int, sparing spared: ProcessKey?) -> Bool {
        !entries[slot].isVacant && entries[slot].isAlive && entries[slot].retainedChildren == 0
            && entries[slot].key != spared
    }

    private func started(_ slot: Int) -> BootTime { entries[slot].key.start }
}
