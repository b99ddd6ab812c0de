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
            agent: agent(of: process, at: time), seenBy: process.seenBy,
            namespacedPID: process.innerPID)
    }

    /// With the session that was in force at that time, or is now.
    private func agent(of process: TrackedProcess, at time: BootTime?) -> AgentDescription? {
        guard let membership = agents[process.tag] else { return nil }
        let session = agents.session(
            of: process.key, at: time ?? process.exit?.at ?? BootTime(nanoseconds: .max), in: table)
        return AgentDescription(membership, sessionID: session)
    }

    /// `bash (pid 4711)`, or what is known.
    public func name(_ key: ProcessKey?, at time: BootTime? = nil) -> String {
        guard let key else { return "a process outside the collector's pid namespace" }
        let comm = table[key].map { process in time.map { process.comm(at: $0) } ?? process.comm } ?? ""
        return comm.isEmpty ? "pid \(key.pid)" : "\(comm) (pid \(key.pid))"
    }
}

extension AgentDescription {
    public init(_ membership: AgentRegistry.Membership, sessionID: String?) {
        self.init(
            name: membership.agent, sessionID: sessionID,
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
        var agent = isSelf ? nil : owner?.agent
        // Where the actor is of that agent's own tree, the session is the one in force when it acted.
        if agent != nil, agent?.name == described.agent?.name { agent?.sessionID = described.agent?.sessionID }
        return Culprit(
            agent: agent, root: chain.first ?? described, actor: described,
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
