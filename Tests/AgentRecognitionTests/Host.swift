import AgentRecognition
import Configuration
import EventModel
import ProcessTracking

/// A host with pid 1 and an sshd, told in forks and execs.
struct TestHost {
    var table = ProcessTable()
    var agents: AgentRegistry
    var cgroups = CgroupTree()
    private var now: UInt64 = 1000
    private var nextPID: Int32 = 100

    init(_ configuration: Configuration = Configuration(), capacity: Int = 4096) {
        agents = AgentRegistry(definitions: configuration.agents, capacity: capacity)
        _ = start(nil, "/usr/lib/systemd/systemd", pid: 1)
        program = start(Self.pid1, "/opt/unknown/run")
    }

    /// One that nobody has described.
    private(set) var program = ProcessKey(pid: 0, start: .zero)

    static let pid1 = ProcessKey(pid: 1, start: BootTime(nanoseconds: 1_001_000_000))

    mutating func take(_ event: Event) {
        cgroups.apply(event)
        table.apply(event)
        agents.apply(event, table: &table, cgroups: cgroups)
    }

    mutating func tick() -> BootTime {
        now += 1
        return BootTime(nanoseconds: now * 1_000_000)
    }

    mutating func fork(_ parent: ProcessKey?, pid: Int32? = nil) -> ProcessKey {
        nextPID += 1
        let child = ProcessKey(pid: pid ?? nextPID, start: tick())
        take(
            Event(
                time: child.start, source: .bpf, process: parent,
                body: .fork(Fork(child: child, childParentPID: parent?.pid ?? 0, uid: 1000))))
        return child
    }

    mutating func exec(_ process: ProcessKey, _ image: ExecImage, cgroup: CgroupID = .unknown) {
        take(
            Event(
                time: tick(), source: .bpf, process: process, cgroup: cgroup,
                body: .exec(Exec(image: image, parentPID: 1, uid: 1000))))
    }

    mutating func exit(_ process: ProcessKey) {
        take(Event(time: tick(), source: .bpf, process: process, body: .exit(Exit(status: .code(0)))))
    }

    /// Forks and executes; `path` is what execve was given, `exe` the file behind it.
    mutating func start(
        _ parent: ProcessKey?, _ path: String, _ argv: [String]? = nil, exe: String? = nil, env: [String: String] = [:],
        pid: Int32? = nil
    ) -> ProcessKey {
        let process = fork(parent, pid: pid)
        exec(process, image(path, argv, exe: exe, env: env))
        return process
    }

    func image(_ path: String, _ argv: [String]? = nil, exe: String? = nil, env: [String: String] = [:]) -> ExecImage {
        ExecImage(
            path: path, exe: exe ?? path, argv: ArgumentVector(words: argv ?? [path]),
            markers: env.sorted { $0.key < $1.key }.map { EnvironmentMarker(name: $0.key, value: $0.value) })
    }

    /// Names of the memberships of a process, the innermost first.
    func names(_ process: ProcessKey) -> [String] {
        agents.chain(from: table[process]?.tag ?? 0).map(\.agent)
    }

    func membership(_ process: ProcessKey) -> AgentRegistry.Membership? { agents[table[process]?.tag ?? 0] }
}
