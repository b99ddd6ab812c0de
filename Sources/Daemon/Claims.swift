import AgentRecognition
import Collector
import ControlSocket
import EventModel
import ProcFS
import ProcessTracking
import Reporting
import Synchronization

/// What processes have said of their agents, on its way to the thread that can see whether it is so.
final class Claims: Sendable {
    struct Claim: Sendable {
        var said: AgentClaim
        /// Its start is known to the tick.
        var caller: ProcessKey
        var uid: UInt32
        var at: BootTime
        var client: ClientID
    }

    private let waiting = Mutex<[Claim]>([])
    /// Most that wait; each client has one.
    private static let capacity = ControlServer.mostClients

    /// False where too many wait.
    func add(_ claim: Claim) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < Self.capacity else { return false }
            waiting.append(claim)
            return true
        }
    }

    var isEmpty: Bool { waiting.withLock { $0.isEmpty } }

    /// Those that were said before `time`: what their callers had done until then is known by now.
    func take(saidBefore time: BootTime) -> [Claim] {
        waiting.withLock { waiting in
            let due = waiting.filter { $0.at < time }
            waiting.removeAll { $0.at < time }
            return due
        }
    }

    func withdraw(_ client: ClientID) { waiting.withLock { $0.removeAll { $0.client == client } } }
}

extension Claims.Claim {
    /// Nil where the process that connected is gone: its pid says nothing any more.
    init?(_ said: AgentClaim, from peer: Peer, client: ClientID) {
        guard let caller = ProcFS().key(of: peer.pid), peer.isAlive else { return nil }
        self.init(said: said, caller: caller, uid: peer.uid, at: ProcFS.boottimeNow(), client: client)
    }

    /// What it comes to, against everything that was seen: only an agent that the caller descends from, or is, can be
    /// meant; the lineage is the fork edges', which nobody can choose for somebody else.
    func registration(_ pipeline: borrowing Pipeline) throws(ControlError) -> Registration {
        let lineage = pipeline.table.forkLineage(of: caller)
        guard let own = lineage.first else { throw refusal("the collector has not seen the process that asks") }
        let root = try root(lineage, pipeline)
        guard let uid = root.process.uid, uid == self.uid else {
            throw refusal("it belongs to another user than the process that asks")
        }
        if let session = said.session { try check(session, isNotOf: root.process.key, own.tag, pipeline) }
        return Registration(
            root: root.process.key, agent: root.isKnown ? nil : said.agent, session: said.session, isOver: said.isOver,
            hook: said.hook)
    }

    private func root(_ lineage: [TrackedProcess], _ pipeline: borrowing Pipeline) throws(ControlError) -> (
        process: TrackedProcess, isKnown: Bool
    ) {
        guard let own = lineage.first else { throw refusal("the collector has not seen the process that asks") }
        if said.isRoot { return (own, false) }
        // Nearest first: a hook of an inner agent is not the outer one's.
        if let membership = pipeline.agents[own.tag], said.agent == nil || said.agent == membership.agent,
            let process = lineage.first(where: { $0.key == membership.root })
        {
            return (process, true)
        }
        // Whoever names an agent that nobody knows names itself, and nothing above it.
        guard said.agent != nil, let maker = own.creator.flatMap({ pipeline.table[$0] }), maker.key.pid != 1 else {
            throw refusal("no agent is above the process that asks", remedy: "--agent NAME says that its caller is one")
        }
        return (maker, false)
    }

    /// An id that another tree works under cannot be taken over.
    private func check(_ session: String, isNotOf root: ProcessKey, _ tag: Int32, _ pipeline: borrowing Pipeline)
        throws(ControlError)
    {
        let chain = Set(pipeline.agents.chain(from: tag).map(\.tag))
        let others = pipeline.agents.all.filter { other in
            other.root != root && !chain.contains(other.tag) && pipeline.table.census.living(other.tag) > 0
                && other.sessions.spans.contains { $0.id == session && $0.to == nil }
        }
        if let other = others.first {
            throw refusal("that session is \(other.agent)'s, pid \(other.root.pid)")
        }
    }

    private func refusal(_ why: String, remedy: String = "") -> ControlError {
        ControlError(.notPermitted, "register", why, remedy: remedy)
    }
}
