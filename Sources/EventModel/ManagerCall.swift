/// What a D-Bus call asks a service manager or logind to do. Nil for what only reads, and for other services.
///
/// Source of fact: org.freedesktop.systemd1(5) and org.freedesktop.login1(5) of systemd 252 to 257.
public struct ManagerCall: Hashable, Sendable {
    public var verb: Verb
    /// Whose manager was asked; nil where the socket does not tell (an unnamed pair: `-M`, `-H`).
    public var manager: ManagerScope?
    /// Units that it names, with their suffix; empty where it is about all of them, or about something else. For
    /// `startTransient` the unit that it makes, and those that are made with it (the service of a timer).
    public var units: [String] = []
    /// `replace`, `fail`, `isolate`, `ignore-dependencies`, ...; nil where the verb has none.
    public var mode: String?
    /// Of `kill`, `killSession`, `killUser`; 0 to 64.
    public var signal: Signal?
    /// Which processes of the unit or session a signal is for: `main`, `control`, `all`, `leader`, ...
    public var whom: String?
    /// Of `setProperties`.
    public var properties: [Property] = []
    /// Of `cancelJob`.
    public var job: UInt32?
    /// Id of the session that is meant; empty or `self` for the caller's own.
    public var session: String?
    /// User that is meant, as logind's name for it; nil for the caller's own, or none.
    public var user: UInt32?

    public struct Property: Hashable, Sendable {
        public var name: String
        /// Only of resource limits; `UInt64.max` is infinity. Nil for any other.
        public var value: UInt64?

        public init(name: String, value: UInt64? = nil) {
            self.name = name
            self.value = value
        }
    }

    public init(verb: Verb, manager: ManagerScope?, units: [String] = [], mode: String? = nil) {
        self.verb = verb
        self.manager = manager
        self.units = units
        self.mode = mode
    }

    /// What `message` asks for; nil where it is no call, or no call that changes anything.
    public init?(_ message: ManagerMessage) {
        guard let method = ManagerMethod.of(message) else { return nil }
        self.init(verb: method.verb, manager: method.manager(of: message))
        switch method.form {
        case .unit: takeUnit(message, argumentsFrom: 1)
        case .unitObject: takeUnitObject(message)
        case .units: units = message.list(0)
        case .swap: takeSwap(message)
        case .job: takeJob(message)
        case .login: takeLogin(message, method)
        case .bare: break
        }
    }

    private mutating func takeUnit(_ message: ManagerMessage, argumentsFrom first: Int) {
        units = message.text(first - 1).map { [$0] } ?? []
        takeDetails(message, from: first)
    }

    private mutating func takeUnitObject(_ message: ManagerMessage) {
        units = message.path.flatMap(UnitPath.unit(at:)).map { [$0] } ?? []
        takeDetails(message, from: 0)
    }

    /// What stands behind the unit's name: a mode; a type of job and a mode; a signal and whom it is for; properties.
    private mutating func takeDetails(_ message: ManagerMessage, from first: Int) {
        switch verb {
        case .kill:
            whom = message.text(first)
            signal = message.signal(first + 1)
        case .setProperties: properties = message.list(first + 1).map(Property.init(text:))
        case .enqueueJob:
            verb = message.text(first).flatMap(Verb.init(jobType:)) ?? .enqueueJob
            mode = message.text(first + 1)
        case .startTransient:
            mode = message.text(first)
            units += message.list(first + 1)
        default: mode = message.text(first)
        }
    }

    /// StartUnitReplace: the job of one unit gives way to a start of another.
    private mutating func takeSwap(_ message: ManagerMessage) {
        units = [message.text(1), message.text(0)].compactMap { $0 }
        mode = message.text(2)
    }

    private mutating func takeJob(_ message: ManagerMessage) {
        job = message.number(0).flatMap(UInt32.init(exactly:)) ?? message.path.flatMap(UnitPath.job(at:))
    }

    private mutating func takeLogin(_ message: ManagerMessage, _ method: ManagerMethod) {
        let path = message.path ?? ""
        let isObject = method.interface != .loginManager
        session = isObject ? UnitPath.session(at: path) : message.text(0)
        user = isObject ? UnitPath.user(at: path) : message.number(0).flatMap(UInt32.init(exactly:))
        let first = isObject ? 0 : 1
        switch verb {
        case .killSession:
            whom = message.text(first)
            signal = message.signal(first + 1)
        case .killUser: signal = message.signal(first)
        case .scheduleShutdown: (mode, session) = (message.text(0), nil)
        default: break
        }
    }
}

extension ManagerCall.Property {
    /// `MemoryMax=1048576`, or only the name, as BusMessages keeps them.
    init(text: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        self.init(name: parts.first.map(String.init) ?? "", value: parts.count > 1 ? UInt64(parts[1]) : nil)
    }
}

extension ManagerMessage {
    func text(_ index: Int) -> String? {
        guard arguments.indices.contains(index), case .text(let text) = arguments[index] else { return nil }
        return text
    }

    func number(_ index: Int) -> Int64? {
        guard arguments.indices.contains(index), case .number(let number) = arguments[index] else { return nil }
        return number
    }

    func list(_ index: Int) -> [String] {
        guard arguments.indices.contains(index), case .list(let list) = arguments[index] else { return [] }
        return list
    }

    func signal(_ index: Int) -> Signal? { number(index).flatMap(Int32.init(exactly:)).map(Signal.init(rawValue:)) }
}
