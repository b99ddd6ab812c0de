import AgentRecognition
import Attribution
public import Collector
public import EventModel
import ProcessTracking
public import Reporting

/// The agents' runs out of the tables: what each tree is now and what it has done. Pure: the same records, the same list.
public struct AgentSessions: Sendable {
    public var list: AgentSessionList
    /// The living processes of each, in the order of the list, for who can ask `/proc` what they take.
    public var members: [[ProcessKey]]

    /// Which of them.
    public struct Selection: Hashable, Sendable {
        /// Those that ended long ago, too.
        public var all: Bool
        /// Only those that are over and have left something running, and what that is.
        public var onlyLeftovers: Bool

        public init(all: Bool = false, onlyLeftovers: Bool = false) {
            self.all = all
            self.onlyLeftovers = onlyLeftovers
        }
    }

    /// A session that ended no longer ago is recent.
    private static let recent = Interval.seconds(3600)
    /// Most sessions, the latest; and most processes that are described of one that left some.
    private static let (mostSessions, mostLeftovers) = (200, 64)

    public init(_ pipeline: borrowing Pipeline, _ selection: Selection) {
        var tables = Tables(pipeline)
        let now = pipeline.provenance.last ?? .zero
        var chosen: [(session: AgentSession, members: [ProcessKey])] = []
        for membership in pipeline.agents.all {
            let members = tables.members[membership.tag] ?? []
            let until = tables.end(of: membership, members)
            if selection.onlyLeftovers, until == nil || members.isEmpty { continue }
            if !selection.all, members.isEmpty, let until, until + Self.recent < now { continue }
            var session = tables.session(membership, members, until: until)
            if until != nil {
                session.leftovers = members.prefix(Self.mostLeftovers).map { .init(process: tables.describe($0)) }
            }
            chosen.append((session, members))
        }
        chosen.sort { ($0.session.since, $0.session.root.key.pid) < ($1.session.since, $1.session.root.key.pid) }
        let shown = chosen.suffix(Self.mostSessions)
        list = AgentSessionList(
            sessions: shown.map(\.session), wallOffset: pipeline.provenance.wallOffset(at: now),
            omitted: chosen.count - shown.count)
        members = shown.map(\.members)
    }

    public init(list: AgentSessionList, members: [[ProcessKey]]) {
        self.list = list
        self.members = members
    }

    /// Adds what the living processes take, as `use` knows it.
    public mutating func addUse(_ use: ([ProcessKey]) -> [ProcessKey: ResourceUse]) {
        for (index, keys) in zip(list.sessions.indices, members) {
            let found = use(keys)
            var sum = ResourceUse()
            for key in keys { if let one = found[key] { sum.add(one) } }
            list.sessions[index].usage = sum
            for place in list.sessions[index].leftovers.indices {
                list.sessions[index].leftovers[place].usage = found[list.sessions[index].leftovers[place].process.key]
            }
        }
    }
}

/// What is looked up once for all of them.
private struct Tables {
    let table: ProcessTable
    private var agents: AgentRegistry
    let ledger: AgentLedger
    let describer: ProcessDescriber
    let first: BootTime
    private(set) var members: [Int32: [ProcessKey]] = [:]
    private var ports: [Int32: [PortTable.Holding]] = [:]

    init(_ pipeline: borrowing Pipeline) {
        table = pipeline.table
        agents = pipeline.agents
        ledger = pipeline.ledger
        describer = ProcessDescriber(
            table: table, agents: agents, cgroups: pipeline.cgroups, bootID: pipeline.provenance.host?.bootID ?? "")
        first = pipeline.provenance.first ?? .zero
        for member in table.livingMembers { members[member.tag, default: []].append(member.key) }
        for holding in pipeline.ports.held {
            guard let holder = table[holding.holder], holder.tag != 0 else { continue }
            // A listener is inherited and outlives who opened it; of any other socket that is not known.
            if holder.isAlive || holding.isListening { ports[holder.tag, default: []].append(holding) }
        }
    }

    func describe(_ key: ProcessKey) -> ProcessDescription { describer.describe(key) }

    /// When its own process ended; nil while it works. An agent may go on as another process of its program (a daemon
    /// that its launcher left, an update of itself).
    mutating func end(of membership: AgentRegistry.Membership, _ members: [ProcessKey]) -> BootTime? {
        let root = table[membership.root]
        if let root, root.isAlive { return nil }
        for key in members {
            if let image = table[key]?.image?.value, agents.isProgram(image, of: membership.agent) { return nil }
        }
        return root?.exit?.at ?? table.census.lastLeft(membership.tag) ?? membership.since
    }

    func session(_ membership: AgentRegistry.Membership, _ members: [ProcessKey], until: BootTime?) -> AgentSession {
        let root = table[membership.root]
        let account = ledger[membership.tag]
        // One that was found running began before it was found.
        let since = root.map { $0.imageSince == nil ? $0.key.start : membership.since } ?? membership.since
        return AgentSession(
            agent: AgentDescription(membership, sessionID: membership.sessionID), root: describe(membership.root),
            outer: agents[membership.outer].map { AgentDescription($0, sessionID: $0.sessionID) }, since: since,
            until: until,
            countedSince: max(first, since), alive: members.count, ever: table.census.ever(membership.tag),
            forks: account?.forks ?? 0, ports: (ports[membership.tag] ?? []).map(port),
            requests: (account?.requests ?? []).map {
                .init(
                    unit: $0.unit, uid: $0.manager.uid, verb: $0.verb.rawValue, count: $0.count, refused: $0.refused,
                    last: $0.last)
            },
            furtherRequests: account?.furtherRequests ?? 0,
            signals: (account?.signals ?? []).map {
                .init(signal: $0.signal, pid: $0.target.pid, comm: $0.comm, count: $0.count, last: $0.last)
            },
            furtherSignals: account?.furtherSignals ?? 0)
    }

    private func port(_ holding: PortTable.Holding) -> AgentSession.Port {
        .init(
            address: "\(holding.endpoint.description)/\(holding.endpoint.transport.name)", pid: holding.holder.pid,
            comm: table[holding.holder]?.comm ?? "", since: holding.since)
    }
}
