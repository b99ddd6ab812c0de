public import EventModel

/// Sees who asks for work and who starts it, and hangs the work below whoever asked (`ProcessTable.link`).
///
/// Pure: the same events give the same edges. All that it remembers is bounded.
public struct RequestTracker: Sendable {
    var units: TransientUnits
    private var terminals = TerminalClients()
    var deferredJobs = DeferredJobs()
    var immediateJobs = ImmediateJobs()
    var containers = ContainerRequests()
    /// Who asked for services that have a file.
    public internal(set) var startRequests = StartRequests()
    /// Calls over a pair of sockets that is bound to nothing: the first hop of one that a bridge passes on.
    private var unnamed: [Hop] = []
    /// What was answered of late: a manager may answer before the caller's own send is known.
    private var answers: [Answer] = []
    /// What managers have started of late in units that nobody is known to have asked for.
    private(set) var starts: [Start] = []

    private struct Hop {
        var serial: UInt32
        var arguments: [ManagerMessage.Argument]
        var process: ProcessKey
        var at: BootTime
    }

    private struct Answer {
        var call: TransientUnits.Call
        var isRefusal: Bool
        var at: BootTime
    }

    struct Start {
        var worker: ProcessKey
        var unit: UnitID
    }

    private static let hopsKept = 16
    private static let answersKept = 64
    private static let startsKept = 64
    /// So long a bridge takes to pass a call on.
    private static let bridging = Interval.seconds(2)

    public init(capacity: Int = 4096) { units = TransientUnits(capacity: capacity) }

    /// Call it after the table and the cgroups have taken the event in, and before agents are looked for: what an agent
    /// asked for is in its tree from its first breath.
    public mutating func apply(_ event: Event, _ table: inout ProcessTable, _ cgroups: borrowing CgroupTree) {
        if event.time >= immediateJobs.due { settleJobs(at: event.time, &table) }
        switch event.body {
        case .fork(let fork):
            if let server = event.process { madePane(fork, by: server, &table) }
            guard event.cgroup != .unknown, let maker = event.process, table.cgroup(of: maker) != event.cgroup else {
                return
            }
            beganInContainer(fork.child, in: event.cgroup, &table, cgroups)
            started(fork.child, in: event.cgroup, &table, cgroups)
        case .cgroup(.moved):
            guard let process = event.process else { return }
            beganInContainer(process, in: event.cgroup, &table, cgroups)
            started(process, in: event.cgroup, &table, cgroups)
        case .exec(let exec):
            executed(exec, event, &table)
            if let process = event.process { terminals.executed(exec, by: process, at: event.time) }
        case .signal(let sent) where sent.signal == .hangup: hungUp(sent, event, table)
        case .managerMessage(let message): take(message, event, &table, cgroups)
        case .unit(let state):
            startRequests.learn(state, at: event.time)
            for caller in units.learn(state, at: event.time) { table.letGo(caller) }
        default: return
        }
    }

    // MARK: Requests

    private mutating func take(
        _ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable, _ cgroups: borrowing CgroupTree
    ) {
        switch message.kind {
        case .call where message.interface == ManagerMessage.engineInterface: askEngine(message, event, &table)
        case .call: ask(message, event, &table, cgroups)
        case .reply, .error: answer(message, event, &table)
        case .signal: return
        }
    }

    private mutating func ask(
        _ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable, _ cgroups: borrowing CgroupTree
    ) {
        guard !message.isForwarded, let request = ManagerCall(message),
            request.verb == .startTransient || StartRequests.isStart(request.verb),
            let sender = event.process.flatMap({ table.known($0) })
        else { return }
        guard let manager = request.manager else {
            unnamed.append(
                Hop(serial: message.serial, arguments: message.arguments, process: sender, at: event.time))
            if unnamed.count > Self.hopsKept { unnamed.removeFirst() }
            return
        }
        // Anybody can bind a socket of that path in a root of his own.
        guard message.isOnBus || message.peer == nil || table.managerScope(of: message.peer, cgroups) == manager,
            table.managerScope(of: sender, cgroups) != manager
        else { return }
        let caller = origin(of: message, sentBy: sender, at: event.time)
        let call = TransientUnits.Call(socket: message.socket, serial: message.serial)
        let known = answers.last { $0.call == call && $0.at.distance(to: event.time) <= Self.bridging }
        guard known?.isRefusal != true else { return }
        guard request.verb == .startTransient else { return askForStart(request, by: caller, call, event, &table) }
        let asked = TransientUnits.Asked(
            caller: caller, tag: table.tag(of: caller) ?? 0, at: event.time,
            via: "StartTransientUnit \(request.units.prefix(3).joined(separator: ", "))", source: event.source,
            call: call)
        remember(request, asked, &table)
        if known != nil { units.accept(call) }
        for start in starts.filter({ $0.unit.manager == manager && request.units.contains($0.unit.name) }) {
            link(start, &table)
        }
    }

    private mutating func remember(
        _ request: ManagerCall, _ asked: TransientUnits.Asked, _ table: inout ProcessTable
    ) {
        guard let name = request.units.first else { return }
        for _ in TransientUnits.services(of: name, request.units.dropFirst()) { table.retain(asked.caller) }
        for caller in units.ask(request, asked) { table.letGo(caller) }
    }

    /// Who sent the same call to the bridge that sends it now.
    private func origin(of message: ManagerMessage, sentBy sender: ProcessKey, at time: BootTime) -> ProcessKey {
        let first = unnamed.first {
            $0.serial == message.serial && $0.arguments == message.arguments && $0.process != sender
                && $0.at <= time && $0.at.distance(to: time) <= Self.bridging
        }
        return first?.process ?? sender
    }

    private mutating func answer(_ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable) {
        guard let serial = message.replySerial else { return }
        let call = TransientUnits.Call(socket: message.peerSocket, serial: serial)
        answers.append(Answer(call: call, isRefusal: message.kind == .error, at: event.time))
        if answers.count > Self.answersKept { answers.removeFirst() }
        if message.kind == .error {
            for caller in units.refuse(call) + startRequests.refuse(call) { table.letGo(caller) }
        } else if !message.jobs.isEmpty {
            units.accept(call)
        }
    }

    // MARK: Work

    private func madePane(_ fork: Fork, by server: ProcessKey, _ table: inout ProcessTable) {
        guard let edge = terminals.request(for: fork.child, madeBy: server, uid: fork.uid, table) else { return }
        table.link(fork.child, edge, at: fork.child.start)
    }

    /// A process came into a cgroup. Where the unit's own manager has forked it, that is work in the unit.
    private mutating func started(
        _ process: ProcessKey, in cgroup: CgroupID, _ table: inout ProcessTable, _ cgroups: borrowing CgroupTree
    ) {
        guard let unit = cgroups.unitID(of: cgroup), unit.name.hasSuffix(".service"),
            let worker = table[process], let maker = worker.creator,
            table.managerScope(of: maker, cgroups) == unit.manager
        else { return }
        for caller in startRequests.began(in: unit, at: worker.key.start) { table.letGo(caller) }
        let start = Start(worker: worker.key, unit: unit)
        if link(start, &table) { return }
        starts.append(start)
        if starts.count > Self.startsKept { starts.removeFirst() }
    }

    @discardableResult
    private mutating func link(_ start: Start, _ table: inout ProcessTable) -> Bool {
        let time = start.worker.start
        guard let asked = units.asker(of: start.unit, at: time) else { return false }
        let isSure = asked.isAccepted || units.asked[start.unit]?.count == 1
        units.note(startIn: start.unit, by: asked, at: time)
        return table.link(
            start.worker,
            RequestEdge(
                requester: asked.caller, via: asked.via, at: asked.at, source: asked.source,
                certainty: isSure ? .named : .inferred, tag: asked.tag), at: time)
    }
}
