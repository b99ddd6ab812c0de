public import EventModel

/// Who asked service managers for other limits of memory, to change files of units, or to read them again, of late: a limit
/// may be reached long after it was lowered.
///
/// Keeps the calls and their answers as they were seen, for `kept` and within `byteLimit`. Beyond that the oldest go of the
/// manager that was asked most, so that nobody's calls to his own push out those to the system's; until when something was
/// forgotten is told. Who asked stays in the process table for as long. Pure: the same events give the same calls.
public struct ConfigurationCalls: Sendable {
    /// Most bytes: records, and their texts counted in full.
    public let byteLimit: Int
    public private(set) var usedBytes = 0
    /// They are kept for so long.
    public static let kept = Interval.seconds(3700)

    /// What is kept, in the order of arrival.
    private var messages: [Kept] = []
    /// Calls that no answer was seen to.
    private var open: Set<Call> = []
    /// What was answered of late: a manager may answer before the call's own send is known.
    private var answers: [(call: Call, event: Event)] = []
    private var since: BootTime?
    private var forgotten: [ManagerScope: BootTime] = [:]
    /// Of managers that are not known, or were not counted one by one.
    private var forgottenOfAny = BootTime.zero

    private struct Call: Hashable {
        var socket: UInt64
        var serial: UInt32
    }

    private struct Kept {
        var event: Event
        var call: Call
        /// Nil where the socket does not tell.
        var manager: ManagerScope?
        /// Who is kept in the process table for it.
        var caller: ProcessKey?
        var bytes: Int
    }

    private static let answersKept = 64
    /// So much later than its answer a call may come.
    private static let answering = Interval.seconds(2)
    private static let managersKept = 64
    private static let recordBytes = 1024

    public init(byteLimit: Int = 1 << 20) { self.byteLimit = byteLimit }

    public var count: Int { messages.count }

    /// Those before that moment, the earliest first.
    public func events(before time: BootTime) -> [Event] {
        messages.filter { $0.event.time < time }.map(\.event)
    }

    /// Nothing of what that manager was asked later is missing for want of room. Nil where nothing was looked at.
    public func completeSince(_ manager: ManagerScope) -> BootTime? { since.map { max($0, forgottenUntil(manager)) } }

    /// What was forgotten for want of room was before; zero where nothing was.
    public func forgottenUntil(_ manager: ManagerScope) -> BootTime { max(forgotten[manager] ?? .zero, forgottenOfAny) }

    /// Call it after the table has taken the event in.
    public mutating func apply(_ event: Event, _ table: inout ProcessTable) {
        since = since ?? event.time
        guard case .managerMessage(let message) = event.body else { return }
        switch message.kind {
        case .call: ask(message, event, &table)
        case .reply, .error: answer(message, event, &table)
        case .signal: return
        }
    }

    private mutating func ask(_ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable) {
        guard let request = ManagerCall(message), Self.matters(request) else { return }
        let call = Call(socket: message.socket, serial: message.serial)
        let known = answers.last { $0.call == call && $0.event.time.distance(to: event.time) <= Self.answering }?.event
        if let known, known.isRefusal { return }
        forget(before: event.time, &table)
        let caller = event.process.flatMap { table.known($0) }
        if let caller { table.retain(caller) }
        keep(event, message, call, request.manager, caller)
        if let known, case .managerMessage(let reply) = known.body {
            keep(known, reply, call, request.manager, nil)
        } else {
            open.insert(call)
        }
        makeRoom(&table)
    }

    /// Others' properties, and other units' states, are asked for all the time.
    private static func matters(_ request: ManagerCall) -> Bool {
        switch request.verb {
        case .reloadManager, .revert, .mask, .unmask, .link: true
        case .setProperties: request.properties.isEmpty || request.properties.contains { $0.name.hasPrefix("Memory") }
        default: false
        }
    }

    private mutating func answer(_ message: ManagerMessage, _ event: Event, _ table: inout ProcessTable) {
        guard let serial = message.replySerial else { return }
        let call = Call(socket: message.peerSocket, serial: serial)
        answers.append((call, event))
        if answers.count > Self.answersKept { answers.removeFirst() }
        guard open.remove(call) != nil, let place = messages.lastIndex(where: { $0.call == call }) else { return }
        // What was refused was not done.
        guard message.kind != .error else {
            let refused = messages.remove(at: place)
            return release(refused, &table)
        }
        keep(event, message, call, messages[place].manager, nil)
        makeRoom(&table)
    }

    // MARK: Storage

    private mutating func keep(
        _ event: Event, _ message: ManagerMessage, _ call: Call, _ manager: ManagerScope?, _ caller: ProcessKey?
    ) {
        let bytes = Self.recordBytes + message.textBytes
        messages.append(Kept(event: event, call: call, manager: manager, caller: caller, bytes: bytes))
        usedBytes += bytes
    }

    private mutating func release(_ gone: Kept, _ table: inout ProcessTable) {
        usedBytes -= gone.bytes
        open.remove(gone.call)
        if let caller = gone.caller { table.letGo(caller) }
    }

    private mutating func forget(before now: BootTime, _ table: inout ProcessTable) {
        let old = messages.prefix { $0.event.time + Self.kept < now }
        messages.removeFirst(old.count)
        for gone in old { release(gone, &table) }
    }

    /// A sixteenth at once, so that the search is not made for every call.
    private mutating func makeRoom(_ table: inout ProcessTable) {
        guard usedBytes > byteLimit else { return }
        var bytes: [ManagerScope?: Int] = [:]
        for index in messages.indices { bytes[messages[index].manager, default: 0] += messages[index].bytes }
        // The oldest of the manager that was asked most.
        while usedBytes > byteLimit - byteLimit / 16,
            let most = bytes.max(by: { ($0.value, Self.order($0.key)) < ($1.value, Self.order($1.key)) })?.key,
            let place = messages.firstIndex(where: { $0.manager == most })
        {
            let gone = messages.remove(at: place)
            bytes[most, default: 0] -= gone.bytes
            note(gone.event.time, forgottenOf: gone.manager)
            release(gone, &table)
        }
    }

    private static func order(_ manager: ManagerScope?) -> Int64 {
        switch manager {
        case nil: -2
        case .system: -1
        case .user(let uid): Int64(uid)
        }
    }

    private mutating func note(_ time: BootTime, forgottenOf manager: ManagerScope?) {
        guard let manager, forgotten[manager] != nil || forgotten.count < Self.managersKept else {
            forgottenOfAny = max(forgottenOfAny, time)
            return
        }
        forgotten[manager] = max(forgotten[manager] ?? .zero, time)
    }
}

extension Event {
    fileprivate var isRefusal: Bool {
        guard case .managerMessage(let message) = body else { return false }
        return message.kind == .error
    }
}

extension ManagerMessage {
    fileprivate var textBytes: Int {
        let names = [destination, sender, path, interface, member, errorName].compactMap { $0 } + [address]
        let texts = arguments.flatMap { argument -> [String] in
            switch argument {
            case .text(let text): [text]
            case .list(let texts): texts
            case .number, .flag: []
            }
        }
        return (names + texts).reduce(0) { $0 + $1.utf8.count + 16 }
    }
}
