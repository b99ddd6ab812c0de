public import AgentRecognition
public import EventModel
public import IncidentDetection
public import ProcessTracking

/// Everything that a verdict may rest on. Nothing else is looked at, so the same case always gets the same verdict.
public struct DisruptionCase: Sendable {
    public var detected: Detected
    /// Signals, OOM kills and addresses from `window` before the disruption to its settling, in order.
    public var events: [Event]
    public var table: ProcessTable
    public var agents: AgentRegistry
    public var cgroups: CgroupTree
    public var host: Host
    public var wallOffset: WallOffset
    public var sources: [SourceStatus]
    /// Those that touch the window.
    public var gaps: [Gap]

    /// How far back an incident looks: agents that lived in it are named, losses in it are stated.
    public static let window = Interval.seconds(60)

    public init(
        detected: Detected, events: [Event], table: ProcessTable, agents: AgentRegistry, cgroups: CgroupTree,
        host: Host,
        wallOffset: WallOffset, sources: [SourceStatus], gaps: [Gap]
    ) {
        self.detected = detected
        self.events = events
        self.table = table
        self.agents = agents
        self.cgroups = cgroups
        self.host = host
        self.wallOffset = wallOffset
        self.sources = sources
        self.gaps = gaps
    }

    var disruption: Disruption { detected.disruption }
    var subject: Subject { detected.subject }
    var victim: ProcessKey? { disruption.mainBefore }
    var windowStart: BootTime { disruption.at - Self.window }
    var lostEvents: UInt64 { gaps.reduce(0) { $0 &+ $1.lost } }

    /// Whether a source of that name delivered, as far as is known.
    func isActive(_ source: String) -> Bool { sources.contains { $0.name == source && $0.state == .active } }

    /// Whether signals are seen at all: without them "nobody signalled it" cannot be said.
    var seesSignals: Bool { isActive("bpf:signal") }

    /// Signals to the victim up to its end, in order.
    var signalsToVictim: [(event: Event, signal: SignalSent)] {
        victim.map { signals(to: $0, upTo: disruption.at) } ?? []
    }

    /// Signals to a process up to a moment, in order.
    func signals(to target: ProcessKey, upTo end: BootTime) -> [(event: Event, signal: SignalSent)] {
        events.compactMap { event in
            guard case .signal(let signal) = event.body, event.time <= end else { return nil }
            return signal.target == target || signal.target.matches(tick: target) ? (event, signal) : nil
        }
    }
}
