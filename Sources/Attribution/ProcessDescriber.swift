public import AgentRecognition
public import EventModel
public import ProcessTracking

/// Turns what the tables know of a process into what a report shows of it.
public struct ProcessDescriber: Sendable {
    private let table: ProcessTable
    private let agents: AgentRegistry
    private let cgroups: CgroupTree
    private let bootID: String

    public init(table: ProcessTable, agents: AgentRegistry, cgroups: CgroupTree, bootID: String) {
        self.table = table
        self.agents = agents
        self.cgroups = cgroups
        self.bootID = bootID
    }

    /// The process with what it ran at `time`, or runs last. One that the table has forgotten keeps its identity only.
    public func describe(_ key: ProcessKey, at time: BootTime? = nil) -> ProcessDescription {
        guard let process = table[key] else {
            return ProcessDescription(key: key, bootID: bootID, comm: "", seenBy: .procfs)
        }
        let image = time.map { process.image(at: $0) } ?? process.image?.value
        return ProcessDescription(
            key: process.key, bootID: bootID, parentPID: process.creator?.pid ?? process.parentPID,
            comm: image?.comm ?? process.fallbackComm,
            exe: image?.exe, argv: image?.argv.words ?? [], argvTruncated: image?.argv.isTruncated ?? false,
            cwd: image?.cwd, uid: process.uid, unit: cgroups.unit(of: process.cgroup),
            cgroup: cgroups.path(of: process.cgroup), exit: process.exit.map { .init(at: $0.at, status: $0.status) },
            agent: agents[process.tag].map { AgentDescription($0) }, seenBy: process.seenBy,
            namespacedPID: process.innerPID)
    }

    /// `bash (pid 4711)`, or what is known.
    public func name(_ key: ProcessKey?, at time: BootTime? = nil) -> String {
        guard let key else { return "a process outside the collector's pid namespace" }
        let comm = table[key].map { process in time.map { process.comm(at: $0) } ?? process.comm } ?? ""
        return comm.isEmpty ? "pid \(key.pid)" : "\(comm) (pid \(key.pid))"
    }
}

extension AgentDescription {
    public init(_ membership: AgentRegistry.Membership) {
        self.init(
            name: membership.agent, sessionID: membership.sessionID,
            recognisedBy: membership.grounds.sorted().map(\.rawValue))
    }
}

extension DisruptionCase {
    private var describer: ProcessDescriber {
        ProcessDescriber(table: table, agents: agents, cgroups: cgroups, bootID: host.bootID)
    }

    func describe(_ key: ProcessKey, at time: BootTime? = nil) -> ProcessDescription {
        describer.describe(key, at: time)
    }
    func name(_ key: ProcessKey?, at time: BootTime? = nil) -> String { describer.name(key, at: time) }

    /// The tree that a process stands for, with the way down to it.
    func culprit(_ actor: ProcessKey, at time: BootTime? = nil) -> Culprit {
        culprit(actor, at: time, owner: owner(of: actor), isSelf: false)
    }

    func culprit(_ actor: ProcessKey, at time: BootTime?, owner: TreeOwner?, isSelf: Bool) -> Culprit {
        let chain = describe(chain: owner?.chain ?? [], actingAt: time)
        let described = describe(actor, at: time)
        return Culprit(
            agent: isSelf ? nil : owner?.agent, root: chain.first ?? described, actor: described,
            chain: chain.isEmpty ? [described] : chain)
    }

    /// The chain with each process as it was when it made the next one, and the last as it was when it acted.
    func describe(chain: [TrackedProcess], actingAt time: BootTime?) -> [ProcessDescription] {
        chain.indices.map { index in
            let next = index + 1 < chain.count ? chain[index + 1].key.start : time
            return describe(chain[index].key, at: next)
        }
    }
}
