public import EventModel

extension ProcessTable {
    /// Who had those pids at `from`, and nobody else until `to`; whoever is not known for certain is left out. A process
    /// that had ended counts for another `patience`: its end is told before all of it is gone.
    public func holders(
        of pids: [Int32], from: BootTime, to: BootTime, endingFor patience: Interval
    ) -> [Int32: ProcessKey] {
        var holders: [Int32: ProcessKey] = [:]
        var before: Set<Int32> = []
        for pid in pids {
            guard let slot = latest[pid], entries[Int(slot)].key.pid == pid else { continue }
            let key = entries[Int(slot)].key
            if key.isStarted(by: from) {
                if holds(slot, at: from, patience) { holders[pid] = key }
            } else if key.start > to {
                before.insert(pid)
            }
        }
        guard !before.isEmpty else { return holders }
        // Several have had the pid since: the one of that time, unless another took over within it.
        var ambiguous: Set<Int32> = []
        for (key, slot) in earlier where before.contains(key.pid) && key.start <= to {
            guard key.isStarted(by: from) else {
                ambiguous.insert(key.pid)
                continue
            }
            guard holds(slot, at: from, patience) else { continue }
            if holders[key.pid].map({ $0.start < key.start }) ?? true { holders[key.pid] = key }
        }
        for pid in ambiguous { holders[pid] = nil }
        return holders
    }

    private func holds(_ slot: Int32, at time: BootTime, _ patience: Interval) -> Bool {
        entries[Int(slot)].exit.map { $0.at + patience >= time } ?? true
    }
}

extension ProcessKey {
    /// A start out of `/proc` may have been up to a tick later.
    fileprivate func isStarted(by time: BootTime) -> Bool {
        start.isWholeTick ? start + Interval(nanoseconds: BootTime.nanosecondsPerTick) <= time : start <= time
    }
}
