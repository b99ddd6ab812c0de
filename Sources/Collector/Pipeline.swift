public import AgentRecognition
import Attribution
public import Configuration
public import EventModel
public import FlightRecorder
public import IncidentDetection
public import ProcessTracking
public import ResourceTracking
public import UnitTracking

/// The one path from records to incidents, for what happens now and for a recording alike: no clock, no I/O. The same
/// records in the same order give the same incidents.
public struct Pipeline: ~Copyable {
    public private(set) var table: ProcessTable
    public private(set) var units = UnitTable()
    public private(set) var agents: AgentRegistry
    public private(set) var cgroups = CgroupTree()
    public private(set) var incidents = IncidentLog()
    public private(set) var ports = PortTable()
    public private(set) var unixSockets = UnixSocketTable()
    public private(set) var resources = ResourceHistory()
    public private(set) var ledger = AgentLedger()
    public private(set) var provenance = Provenance()
    public private(set) var counts = Counts()
    private var ring: FlightRing
    private var detector: ProcessDetector
    private var unitDetector: UnitDetector
    private var requests = RequestTracker()
    private var configurationCalls = ConfigurationCalls()

    /// What went through.
    public struct Counts: Hashable, Sendable {
        public var records: UInt64 = 0
        public var malformed: UInt64 = 0
        public var unrecognised: UInt64 = 0
        public var forks: UInt64 = 0
        public var execs: UInt64 = 0
        public var exits: UInt64 = 0
        public var signals: UInt64 = 0
    }

    /// `extraWatches` are looked for beside the configured ones.
    public init(
        _ configuration: Configuration, extraWatches: [ProcessWatch] = [], ring: consuming FlightRing,
        tableCapacity: Int = 64 << 20
    ) {
        table = ProcessTable(capacity: tableCapacity)
        agents = AgentRegistry(definitions: configuration.agents)
        detector = ProcessDetector(watches: extraWatches + configuration.watchedProcesses, settle: configuration.settle)
        unitDetector = UnitDetector(
            scope: UnitScope(
                patterns: configuration.watchedUnits, agentUnits: configuration.agents.flatMap(\.units)),
            settle: configuration.settle)
        self.ring = ring
    }

    /// Takes in one record, with the event that it holds.
    public mutating func consume(_ record: UnsafeRawBufferPointer, _ event: Event) {
        ring.append(record, lane: RecordLane.of(event))
        count(event)
        provenance.apply(event)
        cgroups.apply(event)
        table.apply(event)
        requests.apply(event, &table, cgroups)
        configurationCalls.apply(event, &table)
        let touched = units.apply(event, processes: table)
        agents.apply(event, table: &table, cgroups: cgroups)
        if case .registration(let said) = event.body {
            agents.register(
                root: said.root, agent: said.agent, session: said.session, isOver: said.isOver, at: event.time,
                table: &table)
        }
        ledger.apply(event, table: table, agents: agents)
        ports.apply(event)
        unixSockets.apply(event)
        resources.apply(event, processes: table, cgroups: cgroups)
        if unitDetector.notice(event, touched: touched) {
            for detected in unitDetector.apply(event, touched: touched, surroundings) { judge(detected) }
            for recovery in unitDetector.takeRecoveries() { incidents.recovered(recovery) }
        }
        for detected in detector.apply(event, table: table) where !isMainOfUnit(detected) { judge(detected) }
    }

    private var surroundings: UnitDetector.Surroundings {
        let detector = detector
        return UnitDetector.Surroundings(units: units, processes: table, cgroups: cgroups) { detector.isWatched($0) }
    }

    /// A process that a watch names and that is the main process of a watched unit: its end is the unit's.
    private func isMainOfUnit(_ detected: Detected) -> Bool {
        guard let main = detected.disruption.mainBefore, let (unit, _) = units.main(main) else { return false }
        return unitDetector.scope.isWatched(unit)
    }

    /// A record that could not be decoded: counted, and stated where it matters.
    public mutating func consumeMalformed() {
        counts.malformed += 1
        provenance.learnMalformed()
    }

    /// At the end of a recording: judges what still waits to settle.
    public mutating func finish() {
        for detected in unitDetector.finish(surroundings) { judge(detected) }
        for detected in detector.finish() where !isMainOfUnit(detected) { judge(detected) }
    }

    /// Whether a disruption waits to be judged.
    public var isSettling: Bool { detector.nextSettling != nil || unitDetector.nextSettling != nil }

    /// The largest process of each of the largest trees, at the last sample.
    public var largestOfTrees: [ProcessKey] { resources.largestOfTrees }

    private mutating func judge(_ detected: Detected) {
        let start = detected.disruption.at - DisruptionCase.window
        let disruption = DisruptionCase(
            detected: detected,
            events: ring.decisiveEvents(from: start, to: detected.settledAt, ofUnit: detected.subject.unit),
            table: table,
            units: units, resources: resources, agents: agents, cgroups: cgroups, ports: ports,
            unixSockets: unixSockets, host: provenance.host ?? .unknown,
            wallOffset: provenance.wallOffset(at: detected.disruption.at),
            sources: provenance.sources, gaps: gaps(from: start, to: detected.settledAt),
            configurationCalls: configurationCalls,
            earlierGaps: provenance.gaps(from: start - ConfigurationCalls.kept, to: start),
            recordedSince: provenance.first.flatMap { $0 > start ? $0 : nil })
        incidents.add(Judge.judge(disruption))
    }

    /// Stated gaps, and the one that our own ring makes when it could not hold the whole window.
    private func gaps(from start: BootTime, to end: BootTime) -> [Gap] {
        var gaps = provenance.gaps(from: start, to: end)
        if let evicted = ring.holding(of: .decisive).newestEvicted, evicted >= start {
            gaps.append(
                Gap(
                    source: "flight-ring", from: start, to: evicted, lost: 0,
                    why: "more happened than the ring in memory holds"))
        }
        return gaps
    }

    private mutating func count(_ event: Event) {
        counts.records += 1
        switch event.body {
        case .fork: counts.forks += 1
        case .exec: counts.execs += 1
        case .exit: counts.exits += 1
        case .signal: counts.signals += 1
        case .unrecognised: counts.unrecognised += 1
        default: break
        }
    }
}

extension Host {
    /// Where the record that says it is lost: an incident without a name of its host is better than none.
    fileprivate static let unknown = Host(
        name: "", machineID: "", bootID: "", kernel: "", wallOffset: WallOffset(nanoseconds: 0),
        collector: ProcessKey(pid: 0, start: .zero), version: "")
}
