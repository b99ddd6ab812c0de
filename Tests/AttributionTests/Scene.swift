import AgentRecognition
import Attribution
import Configuration
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// A small host in which things happen, one a millisecond, and the judgement of what became of the daemon `kaval`.
class Scene {
    var table: ProcessTable
    var agents = AgentRegistry(definitions: Configuration().agents)
    var cgroups = CgroupTree()
    var detector: ProcessDetector
    var sources = ["bpf:fork", "bpf:exec", "bpf:exit", "bpf:signal"].map {
        SourceStatus(name: $0, state: .active, why: "")
    }
    var gaps: [Gap] = []
    var recordedSince: BootTime?
    private(set) var now: UInt64 = 100_000
    private(set) var events: [Event] = []
    var units = UnitTable()
    var resources = ResourceHistory()
    private var requests = RequestTracker()
    var configurationCalls = ConfigurationCalls()
    var earlierGaps: [Gap] = []
    var ports = PortTable()
    var unixSockets = UnixSocketTable()
    private var nextInode: UInt64 = 500_000
    private var nextPID: Int32 = 100
    private(set) var detected: [Detected] = []

    /// pid 1, what the machine runs, an sshd with a person's shell, and the daemon.
    let pid1: ProcessKey
    private(set) var daemon = ProcessKey(pid: 0, start: .zero)
    private(set) var shell = ProcessKey(pid: 0, start: .zero)

    static let host = Host(
        name: "h", machineID: "m", bootID: "boot", kernel: "6",
        wallOffset: WallOffset(nanoseconds: 1_700_000_000_000_000_000),
        collector: ProcessKey(pid: 99, start: BootTime(nanoseconds: 99)), version: "1")

    static let cgroupNames: [(id: UInt64, parent: UInt64, name: String)] = [
        (1, 0, ""), (2, 1, "init.scope"), (3, 1, "kaval.service"), (4, 1, "session-1.scope"), (5, 1, "web.service"),
        (6, 1, "run-u7.service"), (7, 1, "app-konsole.service"), (8, 1, "cron.service"), (9, 1, "earlyoom.service"),
    ]

    init(settle: Interval = .seconds(2), tableCapacity: Int = 64 << 20) throws {
        table = ProcessTable(capacity: tableCapacity)
        detector = ProcessDetector(watches: [ProcessWatch(name: "kaval", exe: try Glob("*/kaval"))], settle: settle)
        pid1 = ProcessKey(pid: 1, start: BootTime(nanoseconds: 1))
        for (id, parent, name) in Self.cgroupNames {
            take(
                Event(
                    time: .zero, source: .bpf,
                    body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
        }
        take(
            Event(
                time: .zero, source: .procfs, process: pid1, cgroup: CgroupID(rawValue: 2),
                body: .seen(
                    ProcessSeen(parent: nil, uid: 0, comm: "systemd", image: ExecImage(path: "/lib/systemd/systemd")))))
        daemon = start(pid1, "/usr/bin/kaval", cgroup: 3)
        let sshd = start(pid1, "/usr/sbin/sshd", cgroup: 5)
        shell = start(sshd, "/bin/bash", cgroup: 4)
        wait(120_000)
    }

    func wait(_ milliseconds: UInt64) { now += milliseconds }

    /// What comes next is of the same moment as what came last.
    func now(again milliseconds: UInt64) { now -= milliseconds }

    /// The moment after the last one.
    func tick() -> BootTime {
        now += 1
        return BootTime(nanoseconds: now * 1_000_000 + 7)
    }

    func take(_ event: Event) {
        cgroups.apply(event)
        table.apply(event)
        requests.apply(event, &table, cgroups)
        configurationCalls.apply(event, &table)
        units.apply(event, processes: table)
        agents.apply(event, table: &table, cgroups: cgroups)
        resources.apply(event, processes: table, cgroups: cgroups)
        ports.apply(event)
        unixSockets.apply(event)
        events.append(event)
        detected += detector.apply(event, table: table)
    }

    func fork(_ parent: ProcessKey?, source: Source = .bpf, cgroup: UInt64? = nil) -> ProcessKey {
        nextPID += 1
        let child = ProcessKey(pid: nextPID, start: tick())
        let inherited = parent.flatMap { table[$0]?.cgroup } ?? .unknown
        take(
            Event(
                time: child.start, source: source, process: parent,
                cgroup: cgroup.map(CgroupID.init(rawValue:)) ?? inherited,
                body: .fork(Fork(child: child, childParentPID: parent?.pid ?? 0, uid: 1000))))
        return child
    }

    func exec(_ process: ProcessKey, _ path: String, _ words: [String]? = nil, env: [String: String] = [:]) {
        let image = ExecImage(
            path: path, exe: path, argv: ArgumentVector(words: words ?? [path]),
            markers: env.sorted { $0.key < $1.key }.map { EnvironmentMarker(name: $0.key, value: $0.value) })
        take(
            Event(
                time: tick(), source: .bpf, process: process, cgroup: table[process]?.cgroup ?? .unknown,
                body: .exec(Exec(image: image, parentPID: 1, uid: 1000))))
    }

    func start(
        _ parent: ProcessKey?, _ path: String, source: Source = .bpf, cgroup: UInt64? = nil, env: [String: String] = [:]
    ) -> ProcessKey {
        let child = fork(parent, source: source, cgroup: cgroup)
        exec(child, path, env: env)
        return child
    }

    /// An agent in the person's session, and a shell of its.
    func agent(_ path: String = "/usr/bin/claude") -> (root: ProcessKey, shell: ProcessKey) {
        let root = start(shell, path)
        return (root, start(root, "/bin/bash"))
    }

    func signal(
        _ sender: ProcessKey?, _ signal: Signal, to target: ProcessKey? = nil, code: SignalCode = .user,
        claimed: Int32 = 0,
        result: SignalSent.Result = .delivered, disposition: SignalSent.Disposition = .standard,
        origin: SignalSent.Origin = .process
    ) {
        let target = target ?? daemon
        take(
            Event(
                time: tick(), source: .bpf, process: sender,
                body: .signal(
                    SignalSent(
                        target: target, targetThread: target.pid, signal: signal, code: code, claimedPID: claimed,
                        result: result, disposition: disposition, origin: origin))))
    }

    func oom(
        _ victim: ProcessKey, trigger: ProcessKey?, mebibytes: UInt64 = 2, adjustment: Int32 = 0,
        scope: OOMVictim.Scope = .unknown
    ) {
        let body = OOMVictim(
            victim: victim, anonymousKiB: mebibytes << 10, oomScoreAdjustment: adjustment, scope: scope)
        take(Event(time: tick(), source: .bpf, process: trigger, body: .oomVictim(body)))
    }

    /// A sample of what processes hold, in MiB.
    func table(
        _ sizes: [(ProcessKey, UInt32)], scope: CgroupID? = nil, reason: SampleReason = .oom, inScope: Bool = true,
        unvisited: UInt32 = 0
    ) {
        let entries = sizes.map { ProcessUsage(process: $0, anonymousKiB: $1 << 10, isInScope: inScope) }
        let samples = ProcessSamples(reason: reason, scope: scope, entries: entries, unvisited: unvisited)
        take(Event(time: tick(), source: .bpf, body: .processSamples(samples)))
    }

    func host(totalMiB: UInt64, availableMiB: UInt64) {
        let amounts = HostSample.Amounts(
            total: totalMiB << 10, available: availableMiB << 10, swapTotal: 0, swapFree: 0)
        take(Event(time: tick(), source: .psi, body: .hostSample(HostSample(reason: .activity, amounts: amounts))))
    }

    func exit(_ process: ProcessKey, _ status: ExitStatus?, maxMiB: UInt32 = 0) {
        let ending = Exit(status: status, maxRSSKiB: maxMiB << 10)
        take(Event(time: tick(), source: .bpf, process: process, body: .exit(ending)))
    }

    /// A step of a TCP socket; `address` is IPv4's, or IPv6's where it has 16 bytes.
    func socket(
        _ process: ProcessKey, _ step: SocketChange.Step, _ port: UInt16 = 8080, on address: [UInt8] = [0, 0, 0, 0],
        source: Source = .bpf, namespace: UInt32 = 1, uid: UInt32 = 1000
    ) {
        let endpoint = Endpoint(
            family: address.count == 4 ? .ipv4 : .ipv6, address: address, port: port, transport: .tcp,
            networkNamespace: namespace)
        take(
            Event(
                time: tick(), source: source, process: process,
                body: .socket(SocketChange(step: step, endpoint: endpoint, uid: uid))))
    }

    func listen(_ process: ProcessKey, _ port: UInt16 = 8080, on address: [UInt8] = [0, 0, 0, 0]) {
        socket(process, .attempt, port, on: address)
        socket(process, .bound, port, on: address)
        socket(process, .listening, port, on: address)
    }

    /// A process is found to listen on a UNIX socket that it took just then; the socket's inode.
    @discardableResult
    func listen(
        _ process: ProcessKey?, unix name: String, place: UInt64 = 27, at time: BootTime? = nil, source: Source = .bpf
    ) -> UInt64 {
        nextInode += 1
        let took = time ?? tick()
        let change = UnixSocketChange(
            step: .listening, address: UnixAddress(name: name, place: place), socket: nextInode, changedAt: took)
        take(Event(time: tick(), source: source, process: process, body: .unixSocket(change)))
        return nextInode
    }

    func nameless(unix name: String, _ socket: UInt64) {
        let change = UnixSocketChange(step: .nameless, address: UnixAddress(name: name, place: 27), socket: socket)
        take(Event(time: tick(), source: .bpf, body: .unixSocket(change)))
    }

    func closed(unix name: String, _ socket: UInt64) {
        let change = UnixSocketChange(step: .closed, address: UnixAddress(name: name, place: 27), socket: socket)
        take(Event(time: tick(), source: .bpf, body: .unixSocket(change)))
    }

    /// The daemon ends so; what follows from it is waited for.
    func ends(_ status: ExitStatus?) -> Incident? {
        exit(daemon, status)
        return judge()
    }

    func judge() -> Incident? {
        wait(3000)
        take(Event(time: tick(), source: .collector, body: .clock(Self.host.wallOffset)))
        return detected.last.map { judge($0) }
    }

    func judge(_ detected: Detected) -> Incident {
        let start = detected.disruption.at - DisruptionCase.window
        let window = events.filter { event in
            guard event.time >= start, event.time <= detected.settledAt else { return false }
            switch event.body {
            case .signal, .oomVictim, .socket, .managerMessage, .journal, .unit, .job: return true
            default: return false
            }
        }
        return Judge.judge(
            DisruptionCase(
                detected: detected, events: window, table: table, units: units, resources: resources, agents: agents,
                cgroups: cgroups, ports: ports, unixSockets: unixSockets, startRequests: requests.startRequests,
                host: Self.host, wallOffset: Self.host.wallOffset, sources: sources, gaps: gaps,
                configurationCalls: configurationCalls, earlierGaps: earlierGaps, recordedSince: recordedSince))
    }
}

/// What a verdict comes to, for comparing in one line.
struct Ruling: Equatable, CustomStringConvertible {
    var outcome: Outcome
    var mechanism: Mechanism
    var confidence: Confidence
    var actor: Int32?

    init(_ outcome: Outcome, _ mechanism: Mechanism, _ confidence: Confidence, _ actor: ProcessKey?) {
        (self.outcome, self.mechanism, self.confidence, self.actor) = (outcome, mechanism, confidence, actor?.pid)
    }

    init?(_ incident: Incident?) {
        guard let verdict = incident?.verdict else { return nil }
        (outcome, mechanism, confidence) = (verdict.outcome, verdict.mechanism, verdict.confidence)
        actor = verdict.culprit?.actor.key.pid
    }

    var description: String { "\(outcome), \(mechanism), \(confidence), \(actor.map(String.init) ?? "nobody")" }
}

extension Incident {
    var exonerated: [Int32] { verdict.exonerated.map(\.root.key.pid) }
}
