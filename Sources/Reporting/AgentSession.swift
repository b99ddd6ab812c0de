public import Attribution
public import EventModel

/// One run of an agent, for `agents list`: what its tree is now, and what it has done.
public struct AgentSession: Hashable, Sendable {
    public var agent: AgentDescription
    public var root: ProcessDescription
    /// The agent that it runs inside of.
    public var outer: AgentDescription?
    public var since: BootTime
    /// Its own process has ended, or it said that the session is over; nil while it works.
    public var until: BootTime?
    /// What was counted was counted from then on.
    public var countedSince: BootTime
    /// Processes of its tree now, and ever. Those of an agent inside it count to that one.
    public var alive: Int
    public var ever: UInt64
    public var forks: UInt64
    public var ports: [Port]
    public var requests: [Request]
    public var furtherRequests: UInt64
    public var signals: [SentOutside]
    public var furtherSignals: UInt64
    /// What still runs of one that is over.
    public var leftovers: [Leftover]
    /// As `/proc` has it at the moment of the question; nil for a recording.
    public var usage: ResourceUse?

    public struct Port: Hashable, Sendable {
        /// `127.0.0.1:8080/tcp`
        public var address: String
        public var pid: Int32
        public var comm: String
        /// Nil where it was not seen being taken.
        public var since: BootTime?

        public init(address: String, pid: Int32, comm: String, since: BootTime?) {
            self.address = address
            self.pid = pid
            self.comm = comm
            self.since = since
        }
    }

    public struct Request: Hashable, Sendable {
        public var unit: String?
        /// The user whose manager was asked; nil for the system's.
        public var uid: UInt32?
        public var verb: String
        public var count: UInt64
        public var refused: UInt64
        public var last: BootTime

        public init(unit: String?, uid: UInt32?, verb: String, count: UInt64, refused: UInt64, last: BootTime) {
            self.unit = unit
            self.uid = uid
            self.verb = verb
            self.count = count
            self.refused = refused
            self.last = last
        }
    }

    public struct SentOutside: Hashable, Sendable {
        public var signal: Signal
        public var pid: Int32
        public var comm: String
        public var count: UInt64
        public var last: BootTime

        public init(signal: Signal, pid: Int32, comm: String, count: UInt64, last: BootTime) {
            self.signal = signal
            self.pid = pid
            self.comm = comm
            self.count = count
            self.last = last
        }
    }

    public struct Leftover: Hashable, Sendable {
        public var process: ProcessDescription
        public var usage: ResourceUse?

        public init(process: ProcessDescription, usage: ResourceUse? = nil) {
            self.process = process
            self.usage = usage
        }
    }

    public init(
        agent: AgentDescription, root: ProcessDescription, outer: AgentDescription? = nil, since: BootTime,
        until: BootTime? = nil, countedSince: BootTime, alive: Int, ever: UInt64, forks: UInt64, ports: [Port] = [],
        requests: [Request] = [], furtherRequests: UInt64 = 0, signals: [SentOutside] = [], furtherSignals: UInt64 = 0,
        leftovers: [Leftover] = [], usage: ResourceUse? = nil
    ) {
        self.agent = agent
        self.root = root
        self.outer = outer
        self.since = since
        self.until = until
        self.countedSince = countedSince
        self.alive = alive
        self.ever = ever
        self.forks = forks
        self.ports = ports
        self.requests = requests
        self.furtherRequests = furtherRequests
        self.signals = signals
        self.furtherSignals = furtherSignals
        self.leftovers = leftovers
        self.usage = usage
    }
}

/// Memory and CPU of some processes at one moment.
public struct ResourceUse: Hashable, Sendable {
    /// Bytes; what several share counts to each.
    public var resident: UInt64
    public var swapped: UInt64
    /// Time on a CPU, of these processes and of those that they have waited for.
    public var cpu: Interval
    /// Processes that could be read.
    public var processes: Int

    public init(resident: UInt64 = 0, swapped: UInt64 = 0, cpu: Interval = Interval(nanoseconds: 0), processes: Int = 0)
    {
        self.resident = resident
        self.swapped = swapped
        self.cpu = cpu
        self.processes = processes
    }

    public mutating func add(_ other: ResourceUse) {
        resident &+= other.resident
        swapped &+= other.swapped
        cpu = Interval(nanoseconds: cpu.nanoseconds &+ other.cpu.nanoseconds)
        processes += other.processes
    }
}

/// The agents of a host, and how its clocks stand to each other.
public struct AgentSessionList: Hashable, Sendable {
    /// The oldest first.
    public var sessions: [AgentSession]
    public var wallOffset: WallOffset
    /// Sessions that there are beyond these.
    public var omitted: Int

    public init(sessions: [AgentSession], wallOffset: WallOffset, omitted: Int = 0) {
        self.sessions = sessions
        self.wallOffset = wallOffset
        self.omitted = omitted
    }
}
