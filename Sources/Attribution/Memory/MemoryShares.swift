import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// Who held the memory when it ran out, by tree: an agent's with all that its agents started, the subject's own, another
/// unit's, a person's session. Sizes in KiB.
struct MemoryShares {
    /// The largest first.
    private(set) var trees: [Tree]
    /// What was used of what ran out: charged to the cgroup, or of the machine's memory and swap.
    let usedKiB: UInt64
    /// Of it, what no process of the table holds for certain: files in memory, the kernel, what was not listed.
    let unattributedKiB: UInt64
    /// The trees hold for certain so much more than was used: it is charged elsewhere, or is of a later moment.
    let excessKiB: UInt64
    /// The table holds more than there is: its processes share pages, and each of them counts them.
    let isShared: Bool
    /// Processes that were not looked at.
    let unvisited: UInt32
    /// When the table was taken; from then on nothing is known.
    let at: BootTime
    /// Who looked.
    let source: Source
    /// What the trees held wherever their processes were, swap included, by how the history knows them; nil where only those
    /// in the cgroup were listed.
    let everywhereKiB: [TreeKey: UInt64]?
    /// The machine's memory, not what one cgroup may have.
    let isOfMachine: Bool

    /// So much was held by no process that is known that whoever was there may have left it.
    var isPartlyNobodys: Bool { unattributedKiB > usedKiB / 4 }

    struct Tree {
        var key: Key
        /// What its processes say that they hold: pages that forks share are counted in each.
        var heldKiB: UInt64 = 0
        /// What they hold for certain.
        var certainKiB: UInt64 = 0
        /// What those of it that ended between the kill and the table may have held.
        var goneKiB: UInt64 = 0
        var processes: [Member] = []
        var largest: ProcessKey
        var owner: TreeOwner
        /// What the history knows it by.
        var members: Set<TreeKey>
        fileprivate var largestKiB: UInt64 = 0
        /// Shared memory of its processes, the most that one has of it: in what they hold for certain, whoever filled it.
        fileprivate(set) var sharedKiB: UInt64 = 0

        /// The most that it can have held.
        var mostKiB: UInt64 { heldKiB + goneKiB }
    }

    struct Member {
        var start: BootTime
        var heldKiB: UInt64
        var certainKiB: UInt64
    }

    enum Key: Hashable {
        case subject
        /// By the outermost agent's root.
        case agent(ProcessKey)
        case tree(TreeKey)
    }

    /// Whose tree is asked for no more than so many of the largest.
    private static let mostOwners = 24
    /// What a record says is used is no more than this, or it is damaged (an exbibyte).
    private static let mostKiB: UInt64 = 1 << 50

    /// `entries` are those that count; `table` is where they are from, as it was taken; `limit` is what ran out, where it
    /// was not the machine.
    init(
        _ entries: [ProcessUsage], of table: ResourceHistory.KillTable, usedKiB: UInt64?, isOfMachine: Bool,
        killedAt: BootTime, within limit: OOMVictim.Limit? = nil, _ disruption: DisruptionCase
    ) {
        let subject = SubjectTree(disruption)
        let sizes = CertainSizes(entries + table.samples.entries, disruption.table, endedBy: killedAt)
        var trees: [Key: Tree] = [:]
        for entry in entries {
            let member = TreeKey.of(disruption.table[entry.process], disruption.cgroups)
            let key = subject.contains(entry.process) ? Key.subject : .tree(member)
            trees[key, default: Tree(key, entry.process, member)].add(entry, sizes.certainKiB(entry), member)
        }
        var sorted = trees.values.sorted(by: Self.isLarger)
        for index in sorted.indices.prefix(Self.mostOwners) { Self.identify(&sorted[index], disruption) }
        self.trees = Self.merged(sorted)
        let unlisted = isOfMachine ? min(table.samples.unlistedKiB, Self.mostKiB) : 0
        let held = self.trees.reduce(unlisted) { $0 + $1.heldKiB }
        let certain = self.trees.reduce(0) { $0 + $1.certainKiB }
        let used = min(usedKiB ?? held, Self.mostKiB)
        self.usedKiB = used
        isShared = held > used + used / 10
        unattributedKiB = max(unlisted, used > certain ? used - certain : 0)
        excessKiB = certain > used ? certain - used : 0
        unvisited = table.samples.unvisited
        at = table.at
        source = table.source
        self.isOfMachine = isOfMachine
        everywhereKiB =
            table.source == .kmsg && !isOfMachine ? nil : Self.everywhere(entries, table.samples.entries, disruption)
        addGone(from: killedAt, Set(entries.map(\.process)), within: limit, subject, disruption)
    }

    /// Those that are gone from the table are in `entries` alone.
    private static func everywhere(
        _ entries: [ProcessUsage], _ table: [ProcessUsage], _ disruption: DisruptionCase
    ) -> [TreeKey: UInt64] {
        let listed = Set(table.map(\.process))
        let sums = TreeUsage.sums(table + entries.filter { !listed.contains($0.process) }) {
            TreeKey.of(disruption.table[$0.process], disruption.cgroups)
        }
        return sums.reduce(into: [:]) { $0[$1.tree] = $1.heldKiB }
    }

    private static func isLarger(_ a: Tree, _ b: Tree) -> Bool {
        (a.heldKiB, b.largest.start, b.largest.pid) > (b.heldKiB, a.largest.start, a.largest.pid)
    }

    /// Whose it is, by its largest process; what an agent asked a manager for is the agent's.
    private static func identify(_ tree: inout Tree, _ disruption: DisruptionCase) {
        tree.owner = disruption.owner(of: tree.largest)
        switch tree.owner.outcome {
        case .agent:
            let tag = disruption.table[tree.owner.chain.last?.key ?? tree.largest]?.tag ?? 0
            let outermost = disruption.agents.chain(from: tag).last?.root ?? tree.owner.agentRoot
            if let root = outermost ?? tree.owner.chain.first?.key { tree.key = .agent(root) }
        case .`self`: tree.key = .subject
        default: return
        }
    }

    private static func merged(_ trees: [Tree]) -> [Tree] {
        var merged: [Tree] = []
        for tree in trees {
            if let index = merged.firstIndex(where: { $0.key == tree.key }) {
                merged[index].merge(tree)
            } else {
                merged.append(tree)
            }
        }
        return merged.sorted(by: isLarger)
    }

    /// What lived at the kill and ended before the table was taken is not in it: at most its highest resident size is
    /// missing.
    private mutating func addGone(
        from killed: BootTime, _ listed: Set<ProcessKey>, within limit: OOMVictim.Limit?, _ subject: SubjectTree,
        _ disruption: DisruptionCase
    ) {
        guard at > killed else { return }
        for process in disruption.table.all where process.key.start <= killed && !listed.contains(process.key) {
            guard let exit = process.exit, exit.at >= killed, exit.at <= at else { continue }
            if let limit, disruption.isWithin(limit, process.cgroup) == false { continue }
            let member = TreeKey.of(process, disruption.cgroups)
            let key = subject.contains(process.key) ? Key.subject : Self.key(of: member, disruption)
            if let index = trees.firstIndex(where: { $0.key == key || $0.members.contains(member) }) {
                trees[index].goneKiB += UInt64(exit.maxRSSKiB)
            } else {
                trees.append(Tree(key, process.key, member))
                trees[trees.count - 1].goneKiB = UInt64(exit.maxRSSKiB)
            }
        }
    }

    /// The process, which is counted and gone, may have held so much more than is counted of it.
    mutating func mayHaveHeld(_ kibibytes: UInt64, _ process: TrackedProcess, _ disruption: DisruptionCase) {
        let member = TreeKey.of(process, disruption.cgroups)
        let key = SubjectTree(disruption).contains(process.key) ? Key.subject : Self.key(of: member, disruption)
        guard let index = trees.firstIndex(where: { $0.key == key || $0.members.contains(member) }) else { return }
        trees[index].goneKiB += kibibytes
    }

    private static func key(of member: TreeKey, _ disruption: DisruptionCase) -> Key {
        guard case .agent(let tag) = member, let outermost = disruption.agents.chain(from: tag).last else {
            return .tree(member)
        }
        return .agent(outermost.root)
    }
}

extension MemoryShares.Tree {
    fileprivate init(_ key: MemoryShares.Key, _ process: ProcessKey, _ member: TreeKey) {
        self.init(
            key: key, largest: process,
            owner: TreeOwner(outcome: .unknown, chain: [], isBackFilled: false, phrase: "its tree is not known"),
            members: [member])
    }

    fileprivate mutating func add(_ entry: ProcessUsage, _ certain: UInt64, _ member: TreeKey) {
        if entry.heldKiB > largestKiB { (largest, largestKiB) = (entry.process, entry.heldKiB) }
        let own = UInt64(entry.anonymousKiB) + UInt64(entry.swapKiB)
        let shared = UInt64(entry.sharedKiB)
        let further = shared > sharedKiB ? shared - sharedKiB : 0
        sharedKiB += further
        heldKiB += own + further
        certainKiB += certain + further
        processes.append(MemoryShares.Member(start: entry.process.start, heldKiB: entry.heldKiB, certainKiB: certain))
        members.insert(member)
    }

    /// Shared memory of two parts may be the same.
    fileprivate mutating func merge(_ other: Self) {
        heldKiB += other.heldKiB
        certainKiB += other.certainKiB - min(sharedKiB, other.sharedKiB)
        sharedKiB = max(sharedKiB, other.sharedKiB)
        processes += other.processes
        if other.largestKiB > largestKiB { (largest, largestKiB) = (other.largest, other.largestKiB) }
        members.formUnion(other.members)
    }
}

/// What processes hold for certain. One that has executed nothing itself shares pages with the one that forked it: its own
/// is at least what it has beyond that. What those had that are gone by now is left to their forks, once.
private struct CertainSizes {
    private var held: [ProcessKey: UInt64] = [:]
    /// Forks of what is gone that share with nobody larger.
    private var heirs: Set<ProcessKey> = []
    private let table: ProcessTable

    /// More forks on the way to a program than this are nobody's daemon.
    private static let deepest = 16

    init(_ entries: [ProcessUsage], _ table: ProcessTable, endedBy time: BootTime) {
        self.table = table
        for entry in entries { held[entry.process] = max(held[entry.process] ?? 0, Self.ownKiB(entry)) }
        var largest: [ProcessKey: ProcessKey] = [:]
        for process in held.keys {
            guard let origin = goneOrigin(of: process, by: time) else { continue }
            let other = largest[origin]
            if other.map({ isLarger(process, $0) }) ?? true { largest[origin] = process }
        }
        heirs = Set(largest.values)
    }

    /// The process that had executed the program which it was born with, where that one and all between had ended. Nil
    /// where one of them still has its pages, and where that is not known.
    private func goneOrigin(of key: ProcessKey, by time: BootTime) -> ProcessKey? {
        guard var process = table[key] else { return nil }
        for _ in 0..<Self.deepest {
            guard process.imageSince == nil, process.edgeSource == .bpf, let creator = process.creator,
                held[creator] == nil, let maker = table[creator], let exit = maker.exit, exit.at <= time,
                maker.imageSince.map({ $0 <= process.key.start }) ?? true
            else { return nil }
            if maker.imageSince != nil { return creator }
            process = maker
        }
        return nil
    }

    /// In the same order in every run.
    private func isLarger(_ one: ProcessKey, _ other: ProcessKey) -> Bool {
        (held[one] ?? 0, other.start, other.pid) > (held[other] ?? 0, one.start, one.pid)
    }

    private static func ownKiB(_ entry: ProcessUsage) -> UInt64 { UInt64(entry.anonymousKiB) + UInt64(entry.swapKiB) }

    /// Without shared memory.
    func certainKiB(_ entry: ProcessUsage) -> UInt64 {
        let own = Self.ownKiB(entry)
        guard !heirs.contains(entry.process), let process = table[entry.process], process.imageSince == nil,
            let creator = process.creator
        else { return own }
        // What the creator had then it does not have any more, or is not known.
        guard let maker = table[creator], maker.imageSince.map({ $0 <= process.key.start }) ?? true else { return 0 }
        let most = held[maker.key] ?? maker.exit.map { UInt64($0.maxRSSKiB) } ?? 0
        return own > most ? own - most : 0
    }
}

/// Which processes are the subject itself.
struct SubjectTree {
    private let disruption: DisruptionCase
    private let tag: Int32
    private let unit: UnitID?

    init(_ disruption: DisruptionCase) {
        self.disruption = disruption
        tag = disruption.victim.flatMap { disruption.table[$0]?.tag } ?? 0
        unit = disruption.subject.unit
    }

    /// In its unit's cgroup, or descended from its main process; an agent that was started in there is none of it.
    func contains(_ key: ProcessKey) -> Bool {
        if disruption.isVictim(key) { return true }
        guard let process = disruption.table[key], process.tag == tag else { return false }
        if let unit, disruption.cgroups.unitID(of: process.cgroup) == unit { return true }
        return disruption.table.lineage(of: key).dropFirst().contains { disruption.isVictim($0.key) }
    }
}
