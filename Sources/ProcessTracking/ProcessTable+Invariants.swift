import EventModel

extension ProcessTable {
    /// What must always hold and does not; empty when all is well. For tests: it looks at everything.
    func violations() -> [String] { indexViolations() + countViolations() + censusViolations() }

    private func indexViolations() -> [String] {
        var found: [String] = []
        let kept = entries.filter { !$0.isVacant }
        if free.count + kept.count != entries.count { found.append("\(free.count) free of \(entries.count)") }
        for (key, slot) in earlier where entries[Int(slot)].key != key || latest[key.pid] == slot {
            found.append("\(key) leads elsewhere")
        }
        for process in kept where exactSlot(of: process.key).map({ entries[Int($0)].key }) != process.key {
            found.append("\(process.key) is kept and not found")
        }
        let ticks = kept.count { $0.key.start.isWholeTick }
        if ticks != wholeTicks { found.append("\(wholeTicks) starts known to the tick, counted again \(ticks)") }
        let alive = kept.filter(\.isAlive)
        if alive.count != livingCount { found.append("\(alive.count) alive, \(livingCount) counted") }
        for process in alive where living(pid: process.key.pid)?.key != process.key {
            found.append("\(process.key) is alive and not found by its pid")
        }
        return found
    }

    private func countViolations() -> [String] {
        var found: [String] = []
        var children: [ProcessKey: Int32] = [:]
        var images: [ObjectIdentifier: (image: TrackedImage, holders: Int)] = [:]
        for process in entries where !process.isVacant {
            if let creator = process.creator { children[creator, default: 0] += 1 }
            if process.isRequested != (requests[process.key] != nil) { found.append("\(process.key) and its request") }
            let held = [process.image, process.bornImage].compactMap { $0 } + process.formerImages.map(\.image)
            for image in held { images[ObjectIdentifier(image), default: (image, 0)].holders += 1 }
        }
        for kept in requests.values where kept.holdsRequester {
            if let requester = kept.edge.requester { children[requester, default: 0] += 1 }
        }
        for (key, count) in retained { children[key, default: 0] += count }
        for creator in children.keys where exactSlot(of: creator) == nil {
            found.append("a creator, \(creator), is not kept")
        }
        let queued = Set(ended)
        if queued.count != ended.count { found.append("an entry waits twice to be forgotten") }
        for (slot, process) in zip(Int32(0)..., entries) where !process.isVacant {
            let key = process.key
            if process.retainedChildren != children[key] ?? 0 { found.append("\(key) counts its children wrongly") }
            if process.isQueued != queued.contains(slot) { found.append("\(key) and the queue disagree") }
            if !process.isAlive, process.retainedChildren == 0, !process.isQueued {
                found.append("\(key) is never forgotten")
            }
        }
        for (image, holders) in images.values where image.holders != holders {
            found.append("an image has \(holders) holders")
        }
        let bytes =
            count * Self.entryCost + latest.bytes + images.values.reduce(0) { $0 + $1.image.cost }
            + requests.values.reduce(0) { $0 + Self.cost($1.edge) }
        if bytes != usedBytes { found.append("\(usedBytes) bytes used, counted again \(bytes)") }
        return found
    }

    private func censusViolations() -> [String] {
        var living: [Int32: Int] = [:]
        for process in entries where !process.isVacant && process.isAlive && process.tag != 0 {
            living[process.tag, default: 0] += 1
        }
        return living == census.counts ? [] : ["the census counts \(census.counts), alive are \(living)"]
    }
}
