public import AgentRecognition
public import EventModel
public import IncidentDetection
public import ProcessTracking
public import ResourceTracking
public import UnitTracking

/// Everything that a verdict may rest on. Nothing else is looked at, so the same case always gets the same verdict.
public struct DisruptionCase: Sendable {
    public var detected: Detected
    /// Signals, OOM kills, addresses, messages to managers, and what managers and the journal say of units, from `window`
    /// before the disruption to its settling, in the order of arrival.
    public var events: [Event]
    public var table: ProcessTable
    /// As the units were when it had settled: states, invocations, jobs.
    public var units: UnitTable
    /// Pressure, and what trees held and used, over the last minutes.
    public var resources: ResourceHistory
    public var agents: AgentRegistry
    public var cgroups: CgroupTree
    /// Who held which address then, and who was refused one.
    public var ports: PortTable
    public var unixSockets: UnixSocketTable
    public var host: Host
    public var wallOffset: WallOffset
    public var sources: [SourceStatus]
    /// Those that touch the window.
    public var gaps: [Gap]
    /// Who asked managers for limits long before the window, and the gaps since then that ended before it.
    public var configurationCalls: ConfigurationCalls
    public var earlierGaps: [Gap]
    /// The first record: of what was before it, nothing is known. Nil where recording began before the window.
    public var recordedSince: BootTime?

    /// Who asked which manager for what, and the jobs: both by `events`.
    let calls: ManagerCalls
    let jobs: UnitJobs

    /// It is asked because of a unit that depends on this one: that is followed once.
    var isOfDependency = false

    /// How far back an incident looks: agents that lived in it are named, losses in it are stated.
    public static let window = Interval.seconds(60)

    public init(
        detected: Detected, events: [Event], table: ProcessTable, units: UnitTable = UnitTable(),
        resources: ResourceHistory = ResourceHistory(), agents: AgentRegistry, cgroups: CgroupTree,
        ports: PortTable = PortTable(), unixSockets: UnixSocketTable = UnixSocketTable(), host: Host,
        wallOffset: WallOffset, sources: [SourceStatus], gaps: [Gap],
        configurationCalls: ConfigurationCalls = ConfigurationCalls(), earlierGaps: [Gap] = [],
        recordedSince: BootTime? = nil
    ) {
        self.detected = detected
        self.events = events
        self.table = table
        self.units = units
        self.resources = resources
        self.agents = agents
        self.cgroups = cgroups
        self.ports = ports
        self.unixSockets = unixSockets
        self.host = host
        self.wallOffset = wallOffset
        self.sources = sources
        self.gaps = gaps
        self.configurationCalls = configurationCalls
        self.earlierGaps = earlierGaps
        self.recordedSince = recordedSince
        calls = ManagerCalls(events, ServiceManagers(table: table, cgroups: cgroups))
        jobs = UnitJobs(events)
    }

    var disruption: Disruption { detected.disruption }
    var subject: Subject { detected.subject }
    /// The unit that was disrupted, or that the subject runs in; nil where there is none.
    var unit: UnitID? {
        subject.unit ?? victim.flatMap { units.unit(of: $0, processes: table, cgroups: cgroups) }
    }
    /// All that is known of that unit.
    var unitHistory: TrackedUnit? { unit.flatMap { units[$0] } }
    /// The process that ended: the main one, the one that did not come up, or the worker that a unit lost.
    var victim: ProcessKey? {
        switch disruption.kind {
        case .failedToStart: disruption.systemd?.failedStart?.main
        case .degraded: disruption.systemd?.workers.first?.process ?? disruption.mainBefore
        default: disruption.mainBefore
        }
    }
    var windowStart: BootTime { disruption.at - Self.window }
    var lostEvents: UInt64 { gaps.reduce(0) { $0 &+ $1.lost } }

    /// Whether a source of that name delivered, as far as is known.
    func isActive(_ source: String) -> Bool { sources.contains { $0.name == source && $0.state == .active } }

    /// Whether signals are seen at all: without them "nobody signalled it" cannot be said.
    var seesSignals: Bool { isActive("bpf:signal") }

    /// Whether calls to managers are seen: without them "nobody asked" cannot be said.
    var seesManagerCalls: Bool { isActive("bpf:manager-call") }

    var managers: ServiceManagers { ServiceManagers(table: table, cgroups: cgroups) }

    /// Part of the victim's life within the window lies before the first record.
    var beganTooLate: Bool {
        guard let recordedSince else { return false }
        return recordedSince > max(windowStart, victim?.start ?? .zero)
    }

    /// The end itself was not seen: whatever led to it was not either.
    var endedBeforeRecording: Bool { recordedSince.map { $0 > disruption.at } ?? false }

    /// Gaps in what a verdict can rest on.
    var blindGaps: [Gap] { gaps.filter(Self.isBlind) }
    var blindEarlierGaps: [Gap] { earlierGaps.filter(Self.isBlind) }

    private static func isBlind(_ gap: Gap) -> Bool {
        ![Gap.ownLines, Gap.unitFiles, Gap.kernelLog].contains(gap.source)
    }

    /// The stated gaps, and the part of the window before the first record.
    var allGaps: [Gap] {
        guard let recordedSince, recordedSince > windowStart else { return gaps }
        return [
            Gap(
                source: "recording", from: windowStart, to: recordedSince, lost: 0,
                why: "the collector was not recording yet")
        ] + gaps
    }

    func isVictim(_ key: ProcessKey?) -> Bool {
        guard let key, let victim else { return false }
        return key == victim || key.matches(tick: victim)
    }
}
