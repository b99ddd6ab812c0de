import EventModel

/// Jobs that were left with `at` or `batch`: whose they are when `atd` runs them. The spool file is written and read unseen,
/// but the job's shell sets the environment of whoever left it: the agent's markers with its session are in all that the
/// shell starts. A job without markers is nobody's here: who left it is not known.
struct DeferredJobs: Sendable {
    struct Client: Hashable, Sendable {
        var process: ProcessKey
        var uid: UInt32
        var markers: [EnvironmentMarker]
        var at: BootTime
        var tag: Int32
    }

    static let daemon = "atd"
    /// `batch` is a script that executes it.
    static let program = "at"
    /// What the daemon has run a job, and what the daemon calls it.
    static let shell = "sh"
    /// Jobs may wait for weeks; of more clients than these the oldest are forgotten.
    private static let clientsKept = 512
    /// Between the job's first shell and one of its commands: shells that those have forked.
    private static let deepest = 16

    private var clients: [Client] = []

    static func isClient(_ image: ExecImage) -> Bool {
        // A script has its interpreter as `exe`.
        image.comm == program && image.exe.map { $0.hasSuffix("/\(program)") } ?? true
    }

    /// It has markers, and all that it has were seen.
    static func isTelling(_ exec: Exec) -> Bool { !exec.image.markers.isEmpty && !exec.environmentIncomplete }

    /// Takes in a client with markers; gives the process that need not be remembered any more.
    mutating func note(_ exec: Exec, of process: ProcessKey, at time: BootTime, tag: Int32) -> ProcessKey? {
        clients.append(
            Client(process: process, uid: exec.uid, markers: Self.sorted(exec.image.markers), at: time, tag: tag))
        return clients.count > Self.clientsKept ? clients.removeFirst().process : nil
    }

    /// The shell of the job that the process is the first command of, and who left the job; nil where nobody, or more than
    /// one, fits.
    func request(behind exec: Exec, of process: ProcessKey, _ table: ProcessTable) -> (
        shell: ProcessKey, client: Client
    )? {
        guard !clients.isEmpty, Self.isTelling(exec), let shell = Self.shell(of: process, table) else { return nil }
        let markers = Self.sorted(exec.image.markers)
        let fitting = clients.filter { $0.markers == markers && $0.uid == exec.uid && $0.at <= shell.start }
        guard let last = fitting.last else { return nil }
        // Several of one agent's are the same to everybody else; of several that are in no agent's tree nobody is told.
        let owners = Set(fitting.map { table.tag(of: $0.process) ?? $0.tag })
        guard owners.count == 1, fitting.count == 1 || owners != [0] else { return nil }
        return (shell, last)
    }

    /// The job's first shell, where nothing but shells lies between it and what the process has just become: what is
    /// further down may have its markers from an agent that the job has started.
    private static func shell(of process: ProcessKey, _ table: ProcessTable) -> ProcessKey? {
        guard var current = table[process] else { return nil }
        let before = current.previousImage?.comm
        guard before == nil || before == shell else { return nil }
        var isShell = before == shell
        for _ in 0..<deepest {
            guard let creator = current.creator.flatMap({ table[$0] }) else { return nil }
            switch creator.comm(at: current.key.start) {
            case daemon: return isShell && !current.isRequested ? current.key : nil
            case shell: (current, isShell) = (creator, true)
            default: return nil
            }
        }
        return nil
    }

    private static func sorted(_ markers: [EnvironmentMarker]) -> [EnvironmentMarker] {
        markers.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
