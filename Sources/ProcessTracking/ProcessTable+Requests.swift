public import EventModel

/// Work that was asked for hangs below whoever asked, beside the fork edge, which stays what it is.
extension ProcessTable {
    struct KeptRequest: Sendable {
        var edge: RequestEdge
        /// The requester's entry counts this one among those that it must be kept for.
        var holdsRequester: Bool
    }

    private static let requestCost = 256
    /// Longest text of a request, in bytes of UTF-8; what is longer is cut.
    public static let longestVia = 300

    static func cost(_ edge: RequestEdge) -> Int { requestCost + edge.via.utf8.count }

    /// How the process came to work for another one than the one that forked it; nil where it did not.
    public func request(of key: ProcessKey) -> RequestEdge? {
        guard let slot = slot(of: key), entries[Int(slot)].isRequested else { return nil }
        return requests[entries[Int(slot)].key]?.edge
    }

    /// Hangs `worker` below the requester of `edge`: from now on it has its membership, and so has all that it made and
    /// that has none of its own. False where the worker is not known, hangs somewhere already, or would be its own
    /// ancestor; a requester that started later than the work asked for nothing.
    @discardableResult
    public mutating func link(_ worker: ProcessKey, _ edge: RequestEdge, at time: BootTime) -> Bool {
        guard let slot = slot(of: worker), !entries[Int(slot)].isRequested else { return false }
        var edge = edge
        if edge.via.utf8.count > Self.longestVia { edge.via = String(edge.via.prefix(Self.longestVia / 4)) + "…" }
        let key = entries[Int(slot)].key
        let above = edge.requester.flatMap { self.slot(of: $0) }
        if let requester = above.map({ entries[Int($0)].key }) ?? edge.requester {
            guard requester != key, requester.start.ticks <= key.start.ticks else { return false }
            edge.requester = requester
        }
        if let above {
            guard entries[Int(slot)].retainedChildren == 0 || !isAncestor(slot, of: above) else { return false }
            edge.tag = entries[Int(above)].tag
            entries[Int(above)].retainedChildren += 1
        }
        let old = entries[Int(slot)].creator.flatMap { tag(of: $0) } ?? 0
        requests[key] = KeptRequest(edge: edge, holdsRequester: above != nil)
        entries[Int(slot)].isRequested = true
        usedBytes += Self.cost(edge)
        inheritTag(slot, insteadOf: old, at: time)
        return true
    }

    /// Whose membership a process has by its edge: the requester's, where there is one, else its creator's.
    func inheritedTag(_ entry: TrackedProcess) -> Int32 {
        guard entry.isRequested, let edge = requests[entry.key]?.edge else {
            return entry.creator.flatMap { tag(of: $0) } ?? 0
        }
        guard let requester = edge.requester else { return 0 }
        return tag(of: requester) ?? edge.tag
    }

    /// The process that this one hangs below; nil at the end of what is known.
    func above(_ process: TrackedProcess) -> ProcessKey? {
        guard process.isRequested, let kept = requests[process.key] else { return process.creator }
        return kept.edge.requester
    }

    /// Before the entry of that slot goes.
    mutating func releaseRequest(of slot: Int32) {
        guard entries[Int(slot)].isRequested, let kept = requests.removeValue(forKey: entries[Int(slot)].key) else {
            return
        }
        entries[Int(slot)].isRequested = false
        usedBytes -= Self.cost(kept.edge)
        if kept.holdsRequester, let requester = kept.edge.requester { releaseChild(of: requester) }
    }

    /// The entries of these requesters are gone: nothing hangs below them any more, and what was said of them stays.
    mutating func forgetRequesters(_ gone: Set<ProcessKey>) {
        guard !requests.isEmpty else { return }
        for (worker, kept) in requests where kept.holdsRequester && kept.edge.requester.map(gone.contains) ?? false {
            requests[worker]?.holdsRequester = false
        }
    }

    // MARK: Requesters of what is yet to come

    /// Keeps the process in the table, ended or not, until it is let go as often: work that it asked for may start long
    /// after it has ended.
    mutating func retain(_ key: ProcessKey) {
        guard let slot = slot(of: key) else { return }
        entries[Int(slot)].retainedChildren += 1
        retained[entries[Int(slot)].key, default: 0] += 1
    }

    mutating func letGo(_ key: ProcessKey) {
        guard let slot = slot(of: key), let count = retained[entries[Int(slot)].key] else { return }
        retained[entries[Int(slot)].key] = count > 1 ? count - 1 : nil
        releaseChild(of: key)
    }

    mutating func releaseChild(of key: ProcessKey) {
        guard let above = exactSlot(of: key) else { return }
        entries[Int(above)].retainedChildren -= 1
        queueIfForgettable(above)
    }

    /// The cgroup that the process is in, as far as that is known.
    public func cgroup(of key: ProcessKey) -> CgroupID? { slot(of: key).map { entries[Int($0)].cgroup } }
}
