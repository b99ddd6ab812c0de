import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// That the subject had to wait for what others used: how short of it the machine and the subject itself were, and whose
/// use had grown how much.
struct Contention {
    var resource: CgroupResource
    /// Share of the time in which some task of the machine waited for it.
    var machine: Double
    /// The same of the subject's own cgroup, at least, without what its own quota took; nil where that was not looked at.
    var own: Double?
    /// Not known to have had any to spare.
    var isMachineFull = true
    /// Who used it (CPU time), or took more and more of it (memory): the most first. The subject's own tree is among them.
    var users: [User]

    struct User {
        /// Of all that was used, 0...1.
        var share: Double
        var process: ProcessKey
        var isSubject: Bool
    }

    /// From these on a resource is short: others than the waiting one have most of it.
    static let (shortOfCPU, shortOfMemory) = (0.5, 0.1)
    /// A part of the CPUs that are in use: interrupts, and what a hypervisor keeps, are in nobody's figures.
    static let nearlyFull = 0.6
    private static let part = 0.1

    /// The one that had most, where it is not the subject's own.
    var foremost: User? { users.first.flatMap { $0.isSubject ? nil : $0 } }

    var name: String { resource == .cpu ? "CPU time" : "memory" }

    /// Others than the subject that had a good part of it: of many who all had some, none is innocent.
    var mayHaveTaken: [ProcessKey] { others.map(\.process) }

    var others: [User] { users.filter { !$0.isSubject && $0.share >= Self.part } }

    /// Of all of those together.
    var othersShare: Double { others.reduce(0) { $0 + $1.share } }
}

extension DisruptionCase {
    /// Samples are taken once a second.
    private static let sampling = Interval.milliseconds(1500)
    /// Less growth than this makes no memory short, in KiB.
    private static let leastGrowth: UInt64 = 32 << 10

    /// What was short between two moments, as far as is known: what the subject waited for longest first.
    func contentions(from start: BootTime, to end: BootTime) -> [Contention] {
        let (memory, cpu) = (memoryContention(from: start, to: end), cpuContention(from: start, to: end))
        let all = [memory, cpu].compactMap { $0 }
        return (cpu?.own ?? 0) > (memory?.own ?? 0) ? all.reversed() : all
    }

    /// How long some task of the subject's cgroup waited, without the time that its own quota kept it from running: it
    /// would have waited then on an idle machine as well. Nil where that was not looked at.
    func ownStall(_ resource: CgroupResource, from start: BootTime, to end: BootTime) -> ClosedRange<Double>? {
        guard let cgroup = victim.flatMap({ table[$0]?.cgroup }),
            let stall = resources.stalled(cgroup, for: resource, from: start, to: end)
        else { return nil }
        guard resource == .cpu else { return stall }
        let throttled = throttled(from: start, to: end)
        // Of a task that is moved from CPU to CPU while it waits, pressure tells a part (kernel/sched/psi.c).
        let waited = victim.flatMap { resources.waited($0, from: start, to: end) } ?? 0
        let most = max(stall.upperBound, min(1, waited))
        return max(0, stall.lowerBound - throttled)...max(0, most - throttled)
    }

    /// Share of the time by which its own quota kept the subject from running.
    func throttled(from start: BootTime, to end: BootTime) -> Double {
        victim.flatMap { table[$0]?.cgroup }.flatMap { resources.throttled($0, from: start, to: end) } ?? 0
    }

    private func cpuContention(from start: BootTime, to end: BootTime) -> Contention? {
        guard let machine = resources.stalled(\.cpu, from: start, to: end), machine >= Contention.shortOfCPU,
            let used = resources.cpu(from: start - Self.sampling, to: end + Self.sampling)
        else { return nil }
        var contention = contention(.cpu, machine, used, from: start, to: end)
        contention?.isMachineFull = isFull(used.values.reduce(0, &+), from: start, to: end)
        return contention
    }

    /// Tasks wait on an idle machine, too: for their own quota, or on the few CPUs that they may use. `used` in microseconds.
    private func isFull(_ used: UInt64, from start: BootTime, to end: BootTime) -> Bool {
        let isWhole = resources.moments.allSatisfy { $0.at < start || $0.at > end || $0.unvisited == 0 }
        guard isWhole, let cpus = resources.hosts.last(where: { $0.at <= end })?.sample.cpus else { return true }
        let length = Double(start.distance(to: end).nanoseconds) / 1000
        return Double(used) >= Contention.nearlyFull * length * Double(cpus)
    }

    private func memoryContention(from start: BootTime, to end: BootTime) -> Contention? {
        guard let machine = resources.stalled(\.memory, from: start, to: end), machine >= Contention.shortOfMemory,
            let after = resources.moment(before: end + Self.sampling, within: .seconds(10)),
            let before = resources.baseline(for: end, least: start.distance(to: end)), before.at < after.at
        else { return nil }
        var grown: [TreeKey: UInt64] = [:]
        for tree in after.trees {
            let held = before[tree.tree]?.heldKiB ?? 0
            if tree.heldKiB > held { grown[tree.tree] = tree.heldKiB - held }
        }
        guard grown.values.reduce(0, +) >= Self.leastGrowth else { return nil }
        return contention(.memory, machine, grown, from: start, to: end)
    }

    /// Nested agents are one: the outermost owns them all, and what others run for them.
    private func contention(
        _ resource: CgroupResource, _ machine: Double, _ amounts: [TreeKey: UInt64], from start: BootTime,
        to end: BootTime
    ) -> Contention? {
        // Whoever started the subject: that is still another tree's use.
        let own = victim.map { TreeKey.of(table[$0], cgroups) }
        let subject = own.map(outermost)
        let largest = resources.moment(before: end + Self.sampling, within: .seconds(10))
        var sums: [TreeKey: (amount: UInt64, most: UInt64, process: ProcessKey)] = [:]
        for (tree, amount) in amounts {
            guard let process = process(of: tree, largest) else { continue }
            let owner = tree == own ? outermost(tree) : outermost(tree, process)
            let known = sums[owner] ?? (0, 0, process)
            let isForemost =
                amount > known.most || (amount == known.most && Self.isEarlier(process, known.process))
            sums[owner] = (
                known.amount &+ amount, max(known.most, amount), isForemost ? process : known.process
            )
        }
        let total = sums.values.reduce(0) { $0 &+ $1.amount }
        guard total > 0 else { return nil }
        let users = sums.map { tree, sum in
            Contention.User(
                share: Double(sum.amount) / Double(total), process: sum.process, isSubject: subject == tree)
        }.sorted { $0.share == $1.share ? Self.isEarlier($0.process, $1.process) : $0.share > $1.share }
        return Contention(
            resource: resource, machine: machine, own: ownStall(resource, from: start, to: end)?.lowerBound,
            users: users)
    }

    /// The same order in every run, whatever order a hash table has.
    private static func isEarlier(_ one: ProcessKey, _ other: ProcessKey) -> Bool {
        (one.start, one.pid) < (other.start, other.pid)
    }

    private func outermost(_ tree: TreeKey) -> TreeKey {
        guard case .agent(let tag) = tree, let owner = agents.chain(from: tag).last else { return tree }
        return .agent(owner.tag)
    }

    /// The tree of the agent that owns it; also where a manager or a server runs it because that agent asked: a build in
    /// twenty units (systemd-run) is one build.
    private func outermost(_ tree: TreeKey, _ process: ProcessKey) -> TreeKey {
        if case .agent = tree { return outermost(tree) }
        let owner = owner(of: process)
        guard owner.outcome == .agent, let root = owner.agentRoot,
            let membership = agents.all.first(where: { $0.root == root })
        else { return tree }
        return outermost(.agent(membership.tag))
    }

    /// One that stands for the tree.
    private func process(of tree: TreeKey, _ moment: ResourceHistory.TreeMoment?) -> ProcessKey? {
        if let largest = moment?[tree]?.largest { return largest }
        for moment in resources.moments.reversed() {
            if let usage = moment[tree] { return usage.largest }
        }
        return nil
    }
}
