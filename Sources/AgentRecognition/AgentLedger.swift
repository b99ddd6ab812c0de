public import EventModel
public import ProcessTracking

/// What each agent's tree has done, counted as it happens, in bounded memory: forks, requests to managers, and signals to
/// processes that are not its own.
public struct AgentLedger: Sendable {
    public struct Account: Hashable, Sendable {
        public internal(set) var forks: UInt64 = 0
        /// By unit and verb, in the order of the first of each.
        public internal(set) var requests: [Request] = []
        /// Further ones that found no place.
        public internal(set) var furtherRequests: UInt64 = 0
        /// By target and signal, in the order of the first of each.
        public internal(set) var signals: [SentOutside] = []
        public internal(set) var furtherSignals: UInt64 = 0
    }

    public struct Request: Hashable, Sendable {
        /// Nil for what is about no unit (daemon-reload).
        public var unit: String?
        public var manager: ManagerScope
        public var verb: ManagerCall.Verb
        public var count: UInt64
        public var refused: UInt64
        public var last: BootTime
    }

    public struct SentOutside: Hashable, Sendable {
        public var signal: Signal
        public var target: ProcessKey
        /// The target's name at the first of them.
        public var comm: String
        public var count: UInt64
        public var last: BootTime
    }

    /// Most accounts, and most entries of each list of one.
    public static let capacity = 1024
    public static let listCapacity = 16
    /// Calls whose answer may still come.
    private static let openCapacity = 64

    private var accounts: [Int32: Account] = [:]
    private var open: [Open] = []
    /// Refusals of calls that are not known: an answer may come before the end of its call's send.
    private var earlyRefusals: [Refusal] = []

    private struct Refusal: Hashable {
        var socket: UInt64
        var serial: UInt32
    }

    private struct Open {
        var socket: UInt64
        var serial: UInt32
        var tag: Int32
        var verb: ManagerCall.Verb
        var units: [String]
    }

    public init() {}

    /// Nil where the tree has done nothing that is counted, or was forgotten.
    public subscript(tag: Int32) -> Account? { accounts[tag] }

    /// Call it after table and registry have taken the event in.
    public mutating func apply(_ event: Event, table: ProcessTable, agents: AgentRegistry) {
        switch event.body {
        case .fork:
            guard let tag = tag(of: event.process, table) else { return }
            makeRoom(for: tag, table)
            accounts[tag, default: Account()].forks += 1
        case .signal(let signal): take(signal, event, table, agents)
        case .managerMessage(let message): take(message, event, table, agents)
        default: return
        }
    }

    private func tag(of key: ProcessKey?, _ table: ProcessTable) -> Int32? {
        guard let tag = key.flatMap({ table.tag(of: $0) }), tag != 0 else { return nil }
        return tag
    }

    /// Those that have ended go first, the oldest of them before the others.
    private mutating func makeRoom(for tag: Int32, _ table: ProcessTable) {
        guard accounts.count >= Self.capacity, accounts[tag] == nil else { return }
        let order = accounts.keys.sorted {
            let (first, second) = (table.census.living($0) > 0, table.census.living($1) > 0)
            return first == second ? $0 < $1 : !first
        }
        for old in order.prefix(Self.capacity / 16) { accounts[old] = nil }
    }

    private mutating func take(_ sent: SignalSent, _ event: Event, _ table: ProcessTable, _ agents: AgentRegistry) {
        guard sent.origin == .process || sent.origin == .onBehalf, let tag = tag(of: event.process, table) else {
            return
        }
        if let other = table.tag(of: sent.target), agents.chain(from: other).contains(where: { $0.tag == tag }) {
            return
        }
        makeRoom(for: tag, table)
        var account = accounts.removeValue(forKey: tag) ?? Account()
        defer { accounts[tag] = account }
        if let index = account.signals.firstIndex(where: { $0.target == sent.target && $0.signal == sent.signal }) {
            account.signals[index].count += 1
            account.signals[index].last = event.time
        } else if account.signals.count < Self.listCapacity {
            let comm = table[sent.target]?.comm(at: event.time) ?? ""
            account.signals.append(
                SentOutside(signal: sent.signal, target: sent.target, comm: comm, count: 1, last: event.time))
        } else {
            account.furtherSignals += 1
        }
    }
}

// MARK: Requests to managers

extension AgentLedger {
    private mutating func take(
        _ message: ManagerMessage, _ event: Event, _ table: ProcessTable, _ agents: AgentRegistry
    ) {
        if message.kind == .error { return refuse(message) }
        guard message.kind == .call, !message.isForwarded, let tag = tag(of: event.process, table),
            let call = ManagerCall(message), let manager = call.manager
        else { return }
        // Who speaks to itself as if to a manager asks nobody.
        if let peer = message.peer, let other = table.tag(of: peer), other != 0 { return }
        makeRoom(for: tag, table)
        var account = accounts.removeValue(forKey: tag) ?? Account()
        for unit in call.units.isEmpty ? [nil] : call.units.map(Optional.some) {
            account.note(unit, manager, call.verb, at: event.time)
        }
        accounts[tag] = account
        let refusal = Refusal(socket: message.socket, serial: message.serial)
        if let index = earlyRefusals.firstIndex(of: refusal) {
            earlyRefusals.remove(at: index)
            accounts[tag]?.refuse(call.units, call.verb)
            return
        }
        if open.count >= Self.openCapacity { open.removeFirst(Self.openCapacity / 4) }
        open.append(Open(socket: message.socket, serial: message.serial, tag: tag, verb: call.verb, units: call.units))
    }

    private mutating func refuse(_ message: ManagerMessage) {
        guard let serial = message.replySerial else { return }
        guard let index = open.lastIndex(where: { $0.serial == serial && $0.socket == message.peerSocket }) else {
            if earlyRefusals.count >= Self.openCapacity { earlyRefusals.removeFirst(Self.openCapacity / 4) }
            earlyRefusals.append(Refusal(socket: message.peerSocket, serial: serial))
            return
        }
        let call = open.remove(at: index)
        accounts[call.tag]?.refuse(call.units, call.verb)
    }
}

extension AgentLedger.Account {
    fileprivate mutating func note(
        _ unit: String?, _ manager: ManagerScope, _ verb: ManagerCall.Verb, at time: BootTime
    ) {
        let known = requests.firstIndex { $0.unit == unit && $0.verb == verb && $0.manager == manager }
        if let known {
            requests[known].count += 1
            requests[known].last = time
        } else if requests.count < AgentLedger.listCapacity {
            requests.append(.init(unit: unit, manager: manager, verb: verb, count: 1, refused: 0, last: time))
        } else {
            furtherRequests += 1
        }
    }

    fileprivate mutating func refuse(_ units: [String], _ verb: ManagerCall.Verb) {
        for index in requests.indices
        where requests[index].verb == verb && (requests[index].unit.map(units.contains) ?? units.isEmpty) {
            requests[index].refused += 1
        }
    }
}
