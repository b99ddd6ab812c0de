import ArgumentParser
import ControlSocket
import EventModel
import Glibc
import ProcFS
import Reporting
import SystemdState

struct AgentsRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs CMD as an agent: in a scope of its own, marked, and known to the daemon.",
        discussion: """
            This process becomes CMD: terminal, job control, signals and exit code are CMD's own. The scope is made by the \
            system's manager for root and by one's own otherwise, below agents.slice. Where there is no manager, CMD runs \
            without a scope, unless a limit was asked for: limits are read back, and CMD is not started (exit 99) where \
            one did not take effect.
            """)

    @Option(help: "What the agent is called.")
    var agent: String

    @Option(help: "The session's id (default: a new one).")
    var session: String?

    @Option(help: "Memory of all its processes together, such as 4GiB; beyond it the kernel ends one of them.")
    var maxMemory: String?

    @Option(help: "Processes and threads alive at once.")
    var maxProcesses: UInt64?

    @Option(help: "Share of the CPU where it is short: 1 to 10000, others have 100.")
    var cpuWeight: UInt64?

    @OptionGroup var options: ConfigurationOptions

    @Argument(parsing: .postTerminator, help: "The agent's program and its arguments.")
    var command: [String] = []

    func validate() throws {
        guard Registration.isName(agent) else { throw ValidationError("--agent: '\(agent)' is no plain name") }
        if let session, !Registration.isSession(session) {
            throw ValidationError("--session: '\(session)' is no plain word of at most 128 bytes")
        }
        if let maxMemory, SizeExpression.bytes(maxMemory) == nil {
            throw ValidationError("--max-memory: '\(maxMemory)' is no size; try 512MiB or 4GiB")
        }
        if maxProcesses == 0 { throw ValidationError("--max-processes: not even CMD itself could run") }
        if let cpuWeight, !(1...10_000).contains(cpuWeight) {
            throw ValidationError("--cpu-weight: \(cpuWeight) is not in 1...10000")
        }
        guard !command.isEmpty else { throw ValidationError("there is nothing to run: -- CMD is missing") }
    }

    func run() throws {
        let id = session ?? Self.newID()
        try enterScope(id)
        setenv("AI_AGENT", agent, 1)
        setenv("AI_AGENT_SESSION_ID", id, 1)
        register(id)
        try InheritedSignals.become(command)
    }

    private var limits: [ScopeLimit] {
        [
            maxMemory.flatMap { SizeExpression.bytes($0) }.map { .memory($0) }, maxProcesses.map { .processes($0) },
            cpuWeight.map { .cpuWeight($0) },
        ].compactMap { $0 }
    }

    private func enterScope(_ id: String) throws {
        let manager: ManagerScope = geteuid() == 0 ? .system : .user(geteuid())
        let scope = TransientScope(
            name: "agent-\(agent)-\(Self.newID().suffix(8)).scope", slice: "agents.slice",
            description: "Agent \(agent), session \(id)", limits: limits.map { ($0.property, $0.value) })
        do throws(TransientScope.Failure) { try scope.enter(manager) } catch {
            guard limits.isEmpty else {
                throw Failure(
                    code: .notWatched, what: "agents run", why: "no limit can be set: \(error.why)",
                    remedy: "without limits it would run")
            }
            return Terminal.message("culprit: agents run: no scope of its own: \(Visible.line(error.why))")
        }
        try verify(scope)
    }

    /// What the manager says is done may not be: a controller that is not there limits nothing.
    private func verify(_ scope: TransientScope) throws {
        let own = OwnCgroup()
        guard own?.path.split(separator: "/").last == scope.name[...] else {
            if limits.isEmpty { return Terminal.message("culprit: agents run: it is not in its scope \(scope.name)") }
            throw Failure(code: .notWatched, what: "agents run", why: "it is not in its scope \(scope.name)")
        }
        for limit in limits {
            if let trouble = limit.trouble(own) {
                throw Failure(
                    code: .notWatched, what: "agents run", why: trouble,
                    remedy: "the manager needs the kernel's controller for it")
            }
        }
    }

    /// It goes without where no daemon runs, or none that may be asked: the markers tell.
    private func register(_ id: String) {
        do {
            let daemon = DaemonAccess(try options.load())
            _ = try daemon.ask(
                .register(AgentClaim(isRoot: true, agent: agent, session: id)), patience: .milliseconds(1000))
        } catch let failure as Failure {
            Terminal.message("culprit: agents run: not registered: \(failure.why)")
        } catch {
            Terminal.message("culprit: agents run: not registered: \(Visible.line("\(error)"))")
        }
    }

    /// As a UUID of version 4 is written.
    private static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        let digits = (0..<2).map { _ in String(random.next() as UInt64, radix: 16) }
            .map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
        var text = ""
        for (place, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { text.append("-") }
            text.append(place == 12 ? "4" : place == 16 ? "a" : digit)
        }
        return text
    }
}

/// A limit of a scope: what the manager calls it, and where the kernel has it.
enum ScopeLimit {
    case memory(UInt64)
    case processes(UInt64)
    case cpuWeight(UInt64)

    var property: String {
        switch self {
        case .memory: "MemoryMax"
        case .processes: "TasksMax"
        case .cpuWeight: "CPUWeight"
        }
    }

    var value: UInt64 {
        switch self {
        case .memory(let value), .processes(let value), .cpuWeight(let value): value
        }
    }

    private var place: (file: String, controller: String, before: String) {
        switch self {
        case .memory: ("memory.max", "memory", "memory.limit_in_bytes")
        case .processes: ("pids.max", "pids", "pids.max")
        case .cpuWeight: ("cpu.weight", "cpu", "cpu.shares")
        }
    }

    /// Why it does not hold; nil where it does.
    func trouble(_ own: OwnCgroup?) -> String? {
        let place = place
        guard let found = own?.value(of: place.file, controller: place.controller, before: place.before) else {
            return "\(property)=\(value) did not take effect: its cgroup has no \(place.file)"
        }
        guard let is0 = UInt64(found.text), matches(is0, isUnified: found.isUnified) else {
            return "\(property)=\(value) did not take effect: \(place.file) is \(found.text)"
        }
        return nil
    }

    /// The kernel counts memory in pages, and what was a weight were shares of 1024.
    private func matches(_ is0: UInt64, isUnified: Bool) -> Bool {
        switch self {
        case .memory: is0 <= value && value - is0 < UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
        case .processes: is0 == value
        case .cpuWeight: isUnified ? is0 == value : is0 == max(2, value * 1024 / 100)
        }
    }
}
