import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// What a lack of memory comes to as a finding: whom it accuses, what each tree held, and why the victim was chosen.
struct MemoryFinding {
    let disruption: DisruptionCase
    let shares: MemoryShares?
    let hog: Hog
    /// `the 64 MiB that cgroup shared may have`, `the machine's memory`.
    let resource: String
    /// `the kernel's OOM killer`, `earlyoom (pid 12)`.
    let killer: String
    /// The victim's name, and `prod` where it is that.
    let victim: String
    var mechanism = Mechanism.oomKill

    /// In an incident no more than so many trees are listed.
    private static let mostTrees = 8

    /// Nil where no tree is named.
    var actor: ProcessKey? { isSelf ? own : hog.tree?.largest }
    var isSelf: Bool { hog.tree?.key == .subject }

    /// Of the subject's own tree the largest, where that is part of the process that ended.
    private var own: ProcessKey? {
        guard let largest = hog.tree?.largest, disruption.owner(of: largest).outcome == .`self` else {
            return disruption.victim
        }
        return largest
    }

    /// What happened, after who did it.
    var act: String {
        guard let tree = hog.tree, let shares else { return "\(killer) chose \(victim); \(hog.remark)" }
        let size = min(tree.heldKiB, shares.usedKiB)
        let held = "\(Mebibytes(size)) of \(resource) (\(percent(size)))"
        let rest = shares.usedKiB - size
        let room = "without it \(Mebibytes(rest)) would have been in use"
        if isSelf { return "\(disruption.subject.name) itself held \(held), and \(killer) chose \(victim); \(room)" }
        let part =
            tree.processes.count == 1 ? "held" : "is the largest of \(tree.processes.count) processes that held"
        return "\(part) \(held) when \(killer) chose \(victim); \(room)"
    }

    /// `75 %`
    private func percent(_ kibibytes: UInt64) -> String {
        guard let shares, shares.usedKiB > 0 else { return "?" }
        return "\(min(999, kibibytes * 100 / shares.usedKiB)) %"
    }

    /// What each tree held, as evidence.
    var observation: Finding.Observation? {
        guard let shares else { return nil }
        let trees = shares.trees.filter { $0.heldKiB > 0 }
        guard !trees.isEmpty else { return nil }
        let listed = trees.prefix(5).map { "\(name($0)) \(Mebibytes($0.heldKiB)) (\(percent($0.heldKiB)))" }
        let more = trees.count > 5 ? ", \(trees.count - 5) more" : ""
        let nobody =
            shares.unattributedKiB > shares.usedKiB / 20
            ? "; \(Mebibytes(shares.unattributedKiB)) no known process" : ""
        let shared = shares.isShared ? "; pages that processes share are counted in each" : ""
        var data: [String: Evidence.Value] = [
            "used_kib": .integer(Int64(clamping: shares.usedKiB)),
            "unattributed_kib": .integer(Int64(clamping: shares.unattributedKiB)),
        ]
        if shares.unvisited > 0 { data["unvisited"] = .integer(Int64(shares.unvisited)) }
        let isLog = shares.source == .kmsg
        let whence = isLog ? "; so the kernel's log lists it, of right before the kill" : ""
        return Finding.Observation(
            // What the kernel logs is the journal's, wherever it was read.
            at: shares.at, source: isLog ? .journal : shares.source, kind: "memory-shares",
            text: "of \(resource) held: \(listed.joined(separator: ", "))\(more)\(nobody)\(shared)\(whence)",
            process: hog.tree?.largest, data: data)
    }

    func name(_ tree: MemoryShares.Tree) -> String {
        switch tree.key {
        case .subject: return disruption.subject.name
        case .agent(let root): return "\(tree.owner.agent?.name ?? "an agent") (pid \(root.pid))"
        case .tree(.unit(let unit)): return unit.name
        case .tree(.agent), .tree(.cgroup): return "\(disruption.name(tree.largest)) and the like"
        }
    }

    var trees: [OOM.Tree] {
        guard let shares else { return [] }
        return shares.trees.filter { $0.heldKiB > 0 }.prefix(Self.mostTrees).map { tree in
            let share = shares.usedKiB > 0 ? Double(tree.heldKiB) / Double(shares.usedKiB) : 0
            return OOM.Tree(
                root: disruption.describe(root(of: tree)), agent: tree.owner.agent,
                rssBytes: tree.heldKiB.multipliedReportingOverflow(by: 1024).partialValue,
                share: (min(1, share) * 10_000).rounded() / 10_000)
        }
    }

    func root(of tree: MemoryShares.Tree) -> ProcessKey {
        if tree.key == .subject, let victim = disruption.victim { return victim }
        return tree.owner.outcome == .unknown ? tree.largest : tree.owner.chain.first?.key ?? tree.largest
    }

    /// The other trees that held a good part, and why they are not it.
    var alternatives: [Alternative] {
        guard let shares, let hog = hog.tree else { return [] }
        return shares.trees.filter { $0.key != hog.key && $0.heldKiB >= shares.usedKiB / 10 }.prefix(3).map { tree in
            Alternative(
                outcome: tree.key == .subject ? .`self` : tree.owner.outcome, mechanism: mechanism,
                whyNot: "\(name(tree)) held \(Mebibytes(tree.heldKiB)) (\(percent(tree.heldKiB))), "
                    + comparison(tree, hog))
        }
    }

    private func comparison(_ tree: MemoryShares.Tree, _ hog: MemoryShares.Tree) -> String {
        if tree.heldKiB > hog.heldKiB { return "but it had hardly grown in the last minutes" }
        return tree.heldKiB < hog.heldKiB / 2 ? "less than half as much" : "less"
    }

    /// Where it is not certain, those that held a good part may have been it. Beside what has not grown that is a small
    /// part; and what no process holds any agent may have left that was there.
    var suspects: [ProcessKey] {
        guard hog.confidence < .proven, let shares else { return [] }
        let least = shares.usedKiB / (hog.isStable ? 20 : 5)
        return shares.trees.filter { tree in
            guard tree.key != hog.tree?.key else { return false }
            return tree.mostKiB >= least || (hog.isPartlyNobodys && tree.owner.outcome == .agent)
        }.map(\.largest)
    }

    /// What is said of each agent that did not do it, by its outermost root.
    var remarks: [ProcessKey: String] {
        guard let shares else { return [:] }
        var remarks: [ProcessKey: String] = [:]
        for tree in shares.trees {
            guard case .agent(let root) = tree.key else { continue }
            remarks[root] = "its tree held \(Mebibytes(tree.heldKiB)) of \(resource) (\(percent(tree.heldKiB)))"
        }
        return remarks
    }

    /// Of an agent without any process there.
    var remarkOnOthers: String? {
        shares == nil ? nil : "no process of its tree held any of \(resource)"
    }
}
