import EventModel

// Which slot holds which process: the latest holder of a pid is found by the pid, those before it by their key.
extension ProcessTable {
    /// The entry of that very key, to the nanosecond.
    func exactSlot(of key: ProcessKey) -> Int32? {
        if let slot = latest[key.pid], entries[Int(slot)].key == key { return slot }
        return earlier.isEmpty ? nil : earlier[key]
    }

    func slot(of key: ProcessKey) -> Int32? {
        if let exact = exactSlot(of: key) { return exact }
        guard wholeTicks > 0 || key.start.isWholeTick else { return nil }
        if let rounded = exactSlot(of: ProcessKey(pid: key.pid, start: BootTime(ticks: key.start.ticks))) {
            return rounded
        }
        // Ended or not: within one tick no pid comes round.
        guard let slot = latest[key.pid], entries[Int(slot)].key.matches(tick: key) else { return nil }
        return slot
    }

    /// Of those that held a pid only the latest may still live.
    func livingSlot(of pid: Int32) -> Int32? {
        guard let slot = latest[pid], entries[Int(slot)].key.pid == pid, entries[Int(slot)].isAlive else { return nil }
        return slot
    }

    /// Of two holders of one pid the one that started first has ended: where nobody saw that, it is concluded.
    mutating func enter(_ slot: Int32) {
        let key = entries[Int(slot)].key
        if key.start.isWholeTick { wholeTicks += 1 }
        let before = latest.bytes
        defer { usedBytes += latest.bytes - before }
        guard let other = latest[key.pid] else {
            latest.set(slot, for: key.pid)
            return
        }
        let otherKey = entries[Int(other)].key
        guard otherKey.pid != key.pid || otherKey.start <= key.start else {
            earlier[key] = slot
            end(slot, .init(at: otherKey.start, status: nil, maxRSSKiB: 0))
            return
        }
        earlier[otherKey] = other
        latest.set(slot, for: key.pid)
        if otherKey.pid == key.pid { end(other, .init(at: key.start, status: nil, maxRSSKiB: 0)) }
    }

    mutating func leave(_ slot: Int32) {
        let key = entries[Int(slot)].key
        if key.start.isWholeTick { wholeTicks -= 1 }
        guard latest[key.pid] == slot else {
            earlier[key] = nil
            return
        }
        let before = latest.bytes
        latest.remove(key.pid)
        usedBytes -= before - latest.bytes
    }
}
