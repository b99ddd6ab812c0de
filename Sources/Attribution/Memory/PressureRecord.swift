import AgentRecognition
public import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// How short the machine was around the disruption, and what the foremost trees held and used.
public struct PressureRecord: Hashable, Sendable {
    /// The oldest first.
    public var samples: [Sample]
    public var trees: [Tree]

    /// Shares of the last 10 s in which some task waited, in percent; nil where it was not measured.
    public struct Sample: Hashable, Sendable {
        public var at: BootTime
        public var cpu: Double?
        public var memory: Double?
        public var io: Double?
        /// What could still be had without swapping.
        public var availableBytes: UInt64?

        public init(at: BootTime, cpu: Double?, memory: Double?, io: Double?, availableBytes: UInt64?) {
            self.at = at
            self.cpu = cpu
            self.memory = memory
            self.io = io
            self.availableBytes = availableBytes
        }
    }

    public struct Tree: Hashable, Sendable {
        /// An agent's name and root, a unit, or a cgroup.
        public var name: String
        public var agent: String?
        public var points: [Point]

        public init(name: String, agent: String?, points: [Point]) {
            self.name = name
            self.agent = agent
            self.points = points
        }
    }

    public struct Point: Hashable, Sendable {
        public var at: BootTime
        public var rssBytes: UInt64
        /// Of all that processes held then, 0...1.
        public var share: Double
        /// CPU time since the sample before, in cores.
        public var cpu: Double

        public init(at: BootTime, rssBytes: UInt64, share: Double, cpu: Double) {
            self.at = at
            self.rssBytes = rssBytes
            self.share = share
            self.cpu = cpu
        }
    }

    public init(samples: [Sample], trees: [Tree]) {
        self.samples = samples
        self.trees = trees
    }
}

extension PressureRecord {
    private static let mostPoints = 40
    private static let (mostBySize, mostByTime) = (5, 2)
    /// Hundredths of a percent from which on waiting is worth telling, whatever the verdict.
    private static let notable: UInt32 = 1_000

    /// Nil where nothing was measured, or nothing of it bears on what happened.
    static func around(_ disruption: DisruptionCase, _ mechanism: Mechanism) -> PressureRecord? {
        let (start, end) = (disruption.windowStart, disruption.detected.settledAt)
        let hosts = disruption.resources.hosts.filter { $0.at >= start && $0.at <= end }
        let moments = disruption.resources.moments.filter { $0.at >= start && $0.at <= end }
        guard !hosts.isEmpty || !moments.isEmpty else { return nil }
        guard isOfResources(mechanism) || hosts.contains(where: { isNotable($0.sample) }) else { return nil }
        return PressureRecord(
            samples: thinned(hosts).map { sample($0) }, trees: trees(thinned(moments), disruption))
    }

    private static func isOfResources(_ mechanism: Mechanism) -> Bool {
        [.oomKill, .userspaceOOMKill, .resourceContention, .watchdog].contains(mechanism)
    }

    private static func isNotable(_ sample: HostSample) -> Bool {
        [sample.cpu, sample.memory, sample.io].contains { ($0?.some10 ?? 0) >= notable }
    }

    /// The first, the last, and as many as there is room for in between.
    private static func thinned<Element>(_ all: [Element]) -> [Element] {
        guard all.count > mostPoints else { return all }
        return (0..<mostPoints).map { all[$0 * (all.count - 1) / (mostPoints - 1)] }
    }

    private static func sample(_ moment: ResourceHistory.HostMoment) -> Sample {
        let percent = { (stall: Stall?) in stall.map { Double($0.some10) / 100 } }
        return Sample(
            at: moment.at, cpu: percent(moment.sample.cpu), memory: percent(moment.sample.memory),
            io: percent(moment.sample.io), availableBytes: moment.sample.amounts.map { $0.available &* 1024 })
    }

    private static func trees(_ moments: [ResourceHistory.TreeMoment], _ disruption: DisruptionCase) -> [Tree] {
        var (held, used): ([TreeKey: UInt64], [TreeKey: UInt64]) = ([:], [:])
        for usage in moments.flatMap(\.trees) {
            held[usage.tree] = max(held[usage.tree] ?? 0, usage.heldKiB)
            used[usage.tree, default: 0] &+= usage.cpu
        }
        let names = Set(held.keys).reduce(into: [TreeKey: String]()) { $0[$1] = name($1, disruption) }
        func foremost(_ sums: [TreeKey: UInt64], _ count: Int) -> [TreeKey] {
            sums.filter { $0.value > 0 }.sorted {
                ($0.value, names[$1.key] ?? "", "\($1.key)") > ($1.value, names[$0.key] ?? "", "\($0.key)")
            }.prefix(count).map(\.key)
        }
        let large = foremost(held, mostBySize)
        let busy = foremost(used, mostByTime).filter { !large.contains($0) }
        return (large + busy).map { key in
            Tree(name: names[key] ?? "", agent: agent(key, disruption), points: points(of: key, moments))
        }
    }

    private static func points(of key: TreeKey, _ moments: [ResourceHistory.TreeMoment]) -> [Point] {
        moments.indices.map { index in
            let moment = moments[index]
            guard let usage = moment[key] else { return Point(at: moment.at, rssBytes: 0, share: 0, cpu: 0) }
            let all = moment.heldKiB
            let since = index > 0 ? moments[index - 1].at.distance(to: moment.at).nanoseconds / 1000 : 0
            return Point(
                at: moment.at, rssBytes: usage.heldKiB &* 1024,
                share: all > 0 ? rounded(Double(usage.heldKiB) / Double(all)) : 0,
                cpu: since > 0 ? rounded(Double(usage.cpu) / Double(since)) : 0)
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    private static func name(_ key: TreeKey, _ disruption: DisruptionCase) -> String {
        switch key {
        case .agent(let tag):
            guard let membership = disruption.agents[tag] else { return "an agent" }
            return "\(membership.agent) (pid \(membership.root.pid))"
        case .unit(let unit): return unit.manager.uid.map { "\(unit.name) of user \($0)" } ?? unit.name
        case .cgroup(let id): return disruption.cgroups.path(of: id).map { "cgroup \($0)" } ?? "others"
        }
    }

    private static func agent(_ key: TreeKey, _ disruption: DisruptionCase) -> String? {
        guard case .agent(let tag) = key else { return nil }
        return disruption.agents[tag]?.agent
    }
}
