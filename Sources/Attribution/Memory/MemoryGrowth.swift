import EventModel
import IncidentDetection
import ResourceTracking

/// How the trees came to hold what they held: what has been large for weeks is not what there was no room for.
struct MemoryGrowth {
    /// A tree that has grown much, while the largest has not: then size alone does not say who did it.
    private(set) var rival: MemoryShares.Tree?
    /// What the trees held before is known, or what they may have grown is little beside the largest's own growth.
    private(set) var isKnown = true
    /// The others together have grown more than the largest.
    private(set) var othersGrewMore = false
    /// The largest has held that for as long as is known.
    private(set) var isStable = false
    /// KiB of the machine's memory that came to be held by no process, where that is much and more than the largest's own
    /// growth: files in memory, which somebody wrote.
    private(set) var nobodysKiB: UInt64 = 0
    /// What is held by no process has grown, or may have.
    private(set) var hasNobodysGrown = false
    /// The same may be true of a cgroup: what had been used there before is not known.
    private(set) var mayBeNobodys = false

    /// Trees are compared with how they were so long before, and with how they were when that was first seen.
    private static let least = Interval.seconds(20)
    private static let leastToGrow = Interval.seconds(1)
    /// A process below this size is not listed in a sample, in KiB.
    private static let unlistedKiB: UInt64 = 4096
    private static let lead = 1.5
    /// Less than such a part of what was used is within what comes and goes.
    private static let leastPart: UInt64 = 20

    init(of top: MemoryShares.Tree, in shares: MemoryShares, until killed: BootTime, _ history: ResourceHistory) {
        let others = shares.trees.dropFirst()
        let moments = history.baselines(for: killed, least: Self.least)
        guard let first = moments.last else {
            let young = Self.youngKiB(top, since: killed - Self.least)
            let next = others.map(\.mostKiB).max() ?? 0
            isKnown = Double(young) * Self.lead >= Double(next) || next <= top.certainKiB / 5
            return
        }
        isStable = Self.mostGrowth(of: top, in: shares, since: first) < shares.usedKiB / Self.leastPart
        for moment in moments {
            let own = Self.leastGrowth(of: top, since: moment)
            weighNobodys(Self.nobodysGrowth(in: shares, since: moment, until: killed, history), own, shares)
            var all: UInt64 = 0
            for tree in others {
                let grown = Self.mostGrowth(of: tree, in: shares, since: moment)
                all += grown
                guard grown >= shares.usedKiB / 10, Double(grown) > Double(own) * Self.lead else { continue }
                rival = tree
                return
            }
            if all >= shares.usedKiB / 10, Double(all) > Double(own) * Self.lead { othersGrewMore = true }
        }
    }

    private mutating func weighNobodys(_ grown: UInt64, _ own: UInt64, _ shares: MemoryShares) {
        hasNobodysGrown = hasNobodysGrown || grown >= shares.usedKiB / Self.leastPart
        guard grown >= shares.usedKiB / 10, Double(grown) > Double(own) * Self.lead else { return }
        if shares.isOfMachine {
            nobodysKiB = max(nobodysKiB, grown)
        } else {
            mayBeNobodys = true
        }
    }

    /// By so much more than all trees may have grown the machine's use has; in a cgroup all of it may be new.
    private static func nobodysGrowth(
        in shares: MemoryShares, since moment: ResourceHistory.TreeMoment, until killed: BootTime,
        _ history: ResourceHistory
    ) -> UInt64 {
        guard shares.isOfMachine else { return shares.unattributedKiB }
        guard let then = history.used(at: moment.at), let now = history.used(at: killed), now > then else { return 0 }
        let known = shares.trees.reduce(0) { $0 + mostGrowth(of: $1, in: shares, since: moment) }
        return min(shares.unattributedKiB, now - then > known ? now - then - known : 0)
    }

    /// The tree by whose growth alone the machine's memory was used more than before: before that there was room. Nil
    /// where that is not clear. What a cgroup had used before is not known.
    static func onlyGrower(
        in shares: MemoryShares, until killed: BootTime, _ history: ResourceHistory
    ) -> MemoryShares.Tree? {
        guard shares.isOfMachine, shares.unvisited == 0,
            let first = history.baselines(for: killed, least: leastToGrow).last
        else { return nil }
        let grown = shares.trees.map { (tree: $0, kib: leastGrowth(of: $0, since: first)) }
        guard let most = grown.max(by: { $0.kib < $1.kib }),
            isAllOfIt(most.kib, shares, since: first, until: killed, history)
        else { return nil }
        let isForemost = shares.trees.allSatisfy { other in
            other.key == most.tree.key
                || Double(most.kib) >= Double(mostGrowth(of: other, in: shares, since: first)) * lead
        }
        return isForemost && isLast(most.tree, in: shares, until: killed, history) ? most.tree : nil
    }

    /// At no moment had it grown already while what came after it, and filled the rest, was somebody else's.
    private static func isLast(
        _ tree: MemoryShares.Tree, in shares: MemoryShares, until killed: BootTime, _ history: ResourceHistory
    ) -> Bool {
        guard let now = history.used(at: killed) else { return false }
        return history.moments.allSatisfy { moment in
            guard moment.at + leastToGrow <= killed, moment.unvisited == 0, let then = history.used(at: moment.at)
            else { return true }
            let own = leastGrowth(of: tree, since: moment)
            // What was taken since the last sample of the machine is seen in who holds it alone.
            let others = shares.trees.reduce(0) { $0 + ($1.key == tree.key ? 0 : leastGrowth(of: $1, since: moment)) }
            let grown = max(now > then ? now - then : 0, own + others)
            return grown - own <= max(shares.usedKiB / 10, own / 2)
        }
    }

    private static func heldThen(_ tree: MemoryShares.Tree, _ moment: ResourceHistory.TreeMoment) -> (
        kib: UInt64, processes: Int
    ) {
        moment.trees.reduce(into: (0, 0)) { sum, usage in
            guard tree.members.contains(usage.tree) else { return }
            sum.0 += usage.heldKiB
            sum.1 += usage.processes
        }
    }

    private static func youngKiB(_ tree: MemoryShares.Tree, since: BootTime) -> UInt64 {
        tree.processes.reduce(0) { $0 + ($1.start >= since ? $1.certainKiB : 0) }
    }

    /// What began since then has grown from nothing; the rest from what it held, listed or not.
    private static func leastGrowth(of tree: MemoryShares.Tree, since moment: ResourceHistory.TreeMoment) -> UInt64 {
        let old = tree.processes.filter { $0.start < moment.at }
        let then = heldThen(tree, moment)
        let missing = UInt64(max(0, old.count - then.processes))
        let before = then.kib + min(missing * unlistedKiB, moment.unlistedKiB)
        let now = old.reduce(0) { $0 + $1.certainKiB }
        return youngKiB(tree, since: moment.at) + (now > before ? now - before : 0)
    }

    /// Where the history knows two trees as one, what either held is not known: nothing, at the least. It knows nothing of
    /// cgroups: what the tree has outside of the one whose limit was reached it may have had then as well.
    private static func mostGrowth(
        of tree: MemoryShares.Tree, in shares: MemoryShares, since moment: ResourceHistory.TreeMoment
    ) -> UInt64 {
        let isOne = shares.trees.contains { $0.key != tree.key && !$0.members.isDisjoint(with: tree.members) }
        guard !isOne, let everywhere = shares.everywhereKiB else { return tree.mostKiB }
        let before = heldThen(tree, moment).kib
        let now = max(tree.mostKiB, tree.members.reduce(tree.goneKiB) { $0 + (everywhere[$1] ?? 0) })
        return now > before ? min(tree.mostKiB, now - before) : 0
    }

    private static func isAllOfIt(
        _ own: UInt64, _ shares: MemoryShares, since moment: ResourceHistory.TreeMoment, until killed: BootTime,
        _ history: ResourceHistory
    ) -> Bool {
        guard let then = history.used(at: moment.at), let now = history.used(at: killed), now > then else {
            return false
        }
        let grown = Double(now - then)
        return own >= shares.usedKiB / leastPart && Double(own) * lead >= grown && grown * lead >= Double(own)
    }
}

extension ResourceHistory {
    /// A sample of the machine is of that moment, if no more than so long before it, or after it.
    private static let (before, after) = (Interval.seconds(15), Interval.seconds(2))

    /// KiB of the machine's memory that could not be had any more, and the swap that was used: the most that was seen
    /// about then, since a kill gives some back. Nil where no sample tells.
    func used(at time: BootTime) -> UInt64? {
        let last = hosts.last { $0.at <= time }
        let about = hosts.filter { $0.at > time && $0.at <= time + Self.after } + [last].compactMap { $0 }
        return about.filter { $0.at + Self.before >= time }.compactMap { moment -> UInt64? in
            guard let amounts = moment.sample.amounts, amounts.total >= amounts.available else { return nil }
            let (used, overflow) = (amounts.total - amounts.available).addingReportingOverflow(amounts.usedSwap)
            return overflow ? nil : used
        }.max()
    }

    /// Nearly all of the machine's memory and swap was used: what was left is less than a tenth of each.
    func wasMachineShort(at time: BootTime) -> Bool {
        guard let host = host(at: time), host.at <= time, host.at + Self.before >= time,
            let amounts = host.sample.amounts
        else { return false }
        return amounts.available < amounts.total / 10 && amounts.swapFree <= amounts.swapTotal / 10
    }
}

extension HostSample.Amounts {
    var usedSwap: UInt64 { swapTotal > swapFree ? swapTotal - swapFree : 0 }
}
