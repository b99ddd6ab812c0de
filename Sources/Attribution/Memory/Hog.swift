import EventModel
import IncidentDetection
import ResourceTracking

/// The tree whose going would have left room; or why none is named. One that is not clearly the largest is none.
struct Hog {
    /// Nil where none is.
    var tree: MemoryShares.Tree?
    /// The most that a verdict about it can claim.
    var confidence: Confidence
    /// Why none is named, or why it is not certain; empty where it is.
    var remark: String
    /// It has held that for as long as is known: what others hold, little as it is, may be newer.
    var isStable = false
    /// Much is held by no process that is known, and was not always: whoever was there may have left it.
    var isPartlyNobodys = false

    /// It must hold a quarter of what was used, and half as much again as any other and as what nobody is known to hold.
    private static let (leastShare, leastLead): (UInt64, Double) = (4, 1.5)
    /// What is certain: a third, and twice as much as any other.
    private static let (certainShare, certainLead): (UInt64, Double) = (3, 2)

    static func find(in shares: MemoryShares, killedAt: BootTime, _ history: ResourceHistory) -> Hog {
        let largest = largest(in: shares, killedAt, history)
        guard largest.mayHaveLeftRoom, let grower = MemoryGrowth.onlyGrower(in: shares, until: killedAt, history)
        else { return largest }
        let why = largest.tree == nil ? largest.remark : "the largest tree had held that for long"
        let remark = "\(why), but of all trees this one alone had grown, by as much as was used more than before"
        // What is remembered are minutes: beside a leak of hours nobody else needs to have filled the rest.
        return Hog(tree: grower, confidence: largest.tree == nil ? .likely : .possible, remark: remark)
    }

    /// No tree is the largest, or it has long been that: beside a service of that size there had been room. What an agent
    /// has left behind is no such service, however old it is.
    private var mayHaveLeftRoom: Bool {
        guard let tree else { return true }
        return isStable && tree.owner.outcome != .agent
    }

    private static func largest(in shares: MemoryShares, _ killedAt: BootTime, _ history: ResourceHistory) -> Hog {
        guard let top = shares.trees.first, top.heldKiB > 0, shares.usedKiB > 0 else {
            return none("what processes held was not recorded")
        }
        // The whole excess may be this one's.
        let certain = top.certainKiB > shares.excessKiB ? top.certainKiB - shares.excessKiB : 0
        let next = shares.trees.dropFirst().map(\.mostKiB).max() ?? 0
        guard certain >= shares.usedKiB / leastShare, Double(certain) >= Double(next) * leastLead else {
            let isLarge = top.heldKiB >= shares.usedKiB / leastShare && Double(top.heldKiB) >= Double(next) * leastLead
            return none(
                isLarge
                    ? "how much of it the largest tree held is not certain: its processes share pages, or the sizes are "
                        + "of a later moment" : "no tree held clearly more than the others")
        }
        let growth = MemoryGrowth(of: top, in: shares, until: killedAt, history)
        if let rival = growth.rival {
            return none(
                "the largest tree had held that for long, while another, of \(rival.processes.count) processes, grew to "
                    + "\(Mebibytes(rival.heldKiB))")
        }
        if growth.nobodysKiB > 0 {
            return none(
                "the largest tree had held that for long, while \(Mebibytes(growth.nobodysKiB)) came to be held by no process "
                    + "that is known")
        }
        guard Double(certain) >= Double(shares.unattributedKiB) * leastLead else {
            return none(
                "\(Mebibytes(shares.unattributedKiB)) were held by no process that is known (files in memory, the kernel, other "
                    + "namespaces)")
        }
        return Hog(tree: top, confidence: .proven, remark: "").weighed(certain, next, shares, growth)
    }

    static func none(_ why: String) -> Hog { Hog(tree: nil, confidence: .none, remark: why) }

    private func weighed(_ certain: UInt64, _ next: UInt64, _ shares: MemoryShares, _ growth: MemoryGrowth) -> Hog {
        var (hog, doubts): (Hog, [String]) = (self, [])
        hog.isStable = growth.isStable
        let isPartlyNobodys = shares.isPartlyNobodys || growth.mayBeNobodys
        // A kernel holds much of a machine for itself, all the time.
        hog.isPartlyNobodys = isPartlyNobodys && (!shares.isOfMachine || growth.hasNobodysGrown)
        if shares.unvisited > 0 { doubts.append("\(shares.unvisited) processes were not looked at") }
        if certain < shares.usedKiB / Self.certainShare || Double(certain) < Double(next) * Self.certainLead {
            doubts.append("another tree held a good part as well")
        }
        if isPartlyNobodys {
            doubts.append("\(Mebibytes(shares.unattributedKiB)) were held by no process that is known")
        }
        if let tree, tree.sharedKiB > certain / 2 {
            doubts.append("\(Mebibytes(tree.sharedKiB)) of it are shared memory, which others may have filled")
        }
        if growth.othersGrewMore { doubts.append("the others together had grown more") }
        if growth.isStable { doubts.append("it had held that for as long as is known") }
        if !growth.isKnown { doubts.append("what each tree had held before was not recorded") }
        return hog.less(sureFor: doubts)
    }

    func less(sureFor doubts: [String]) -> Hog {
        guard tree != nil, !doubts.isEmpty else { return self }
        var hog = self
        hog.confidence = min(confidence, .likely)
        hog.remark = (remark.isEmpty ? doubts : [remark] + doubts).joined(separator: "; ")
        return hog
    }
}

/// A size for a sentence: `412 MiB`, from 10 GiB on `12 GiB`.
struct Mebibytes: CustomStringConvertible {
    var kibibytes: UInt64
    init(_ kibibytes: UInt64) { self.kibibytes = kibibytes }

    var description: String {
        if kibibytes >= 10 << 20 { return "\(kibibytes >> 20) GiB" }
        return kibibytes >= 1024 ? "\(kibibytes >> 10) MiB" : "\(kibibytes) KiB"
    }
}
