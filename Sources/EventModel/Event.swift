/// One observation, in the order of CLOCK_BOOTTIME.
public struct Event: Hashable, Sendable {
    public var time: BootTime
    public var source: Source
    /// The process that acted (or that the event is about, where the body says so); nil where there is none, or where it
    /// is outside the collector's pid namespace.
    public var process: ProcessKey?
    /// The acting thread.
    public var thread: Int32
    public var cgroup: CgroupID
    public var body: Body

    public init(
        time: BootTime, source: Source, process: ProcessKey? = nil, thread: Int32? = nil, cgroup: CgroupID = .unknown,
        body: Body
    ) {
        self.time = time
        self.source = source
        self.process = process
        self.thread = thread ?? process?.pid ?? 0
        self.cgroup = cgroup
        self.body = body
    }

    /// What is large and rare lies behind a pointer: every event that is handed on is copied as large as the largest.
    public enum Body: Hashable, Sendable {
        /// `process` made a child.
        case fork(Fork)
        /// `process` replaced its image.
        case exec(Exec)
        /// `process` ended: its last thread is gone.
        case exit(Exit)
        /// `process` sent a signal, or was current while the kernel made one.
        case signal(SignalSent)
        /// `process` was current (the trigger) when the kernel chose a victim.
        case oomVictim(OOMVictim)
        /// `process` asked for an address, got it, listens on it, or stopped listening.
        case socket(SocketChange)
        case cgroup(CgroupChange)
        /// `process` sent a message on a manager's, logind's or a bus's socket.
        indirect case managerMessage(ManagerMessage)
        indirect case journal(JournalEntry)
        indirect case unit(UnitState)
        indirect case job(JobChange)
        /// `process` changed a file of a unit, where it lived long enough to be known.
        indirect case unitFile(UnitFileChange)
        /// How short of memory, CPU and I/O the machine was.
        indirect case hostSample(HostSample)
        /// What the cgroups of units held and used.
        indirect case cgroupSamples(CgroupSamples)
        /// What processes held and used.
        indirect case processSamples(ProcessSamples)
        /// What some processes held while memory was short.
        indirect case processHoldings(ProcessHoldings)
        /// What the kernel's log says that processes held when it chose a victim.
        indirect case oomDump(OOMDump)
        /// `process` listens on a UNIX socket, or did.
        indirect case unixSocket(UnixSocketChange)
        /// `process` said what agent it belongs to, and for which session that works.
        indirect case registration(Registration)
        /// `process` was already running when the collector looked.
        indirect case seen(ProcessSeen)
        /// The collector and the host it runs on; the first record of a recording.
        indirect case host(Host)
        /// How wall time and boot time stand to each other now.
        case clock(WallOffset)
        /// A source, and whether it delivers.
        indirect case source(SourceStatus)
        indirect case gap(Gap)
        /// The configuration in force (YAML), so that a recording is judged by the rules it was made under.
        case configuration(String)
        /// A type that this version does not know; kept and counted, never guessed at.
        case unrecognised(type: UInt16)
    }
}

/// Who observed it.
public enum Source: UInt8, Hashable, Sendable, CaseIterable {
    case bpf = 1
    case procfs = 2
    case journal = 3
    case systemd = 4
    case psi = 5
    case cgroup = 6
    case gate = 7
    case annotation = 8
    case collector = 9
    /// The kernel's notices of changed files.
    case fanotify = 10
    /// The kernel's log (`/dev/kmsg`).
    case kmsg = 11

    public var name: String { String(describing: self) }
}
