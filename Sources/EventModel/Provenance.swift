/// The machine and boot that a recording is of.
public struct Host: Hashable, Sendable {
    public var name: String
    public var machineID: String
    public var bootID: String
    /// `uname -r`.
    public var kernel: String
    public var wallOffset: WallOffset
    /// The collector's own process: never an actor, never a subject.
    public var collector: ProcessKey
    public var version: String

    public init(
        name: String, machineID: String, bootID: String, kernel: String, wallOffset: WallOffset, collector: ProcessKey,
        version: String
    ) {
        self.name = name
        self.machineID = machineID
        self.bootID = bootID
        self.kernel = kernel
        self.wallOffset = wallOffset
        self.collector = collector
        self.version = version
    }
}

/// One source or probe, and how far it can be relied on.
public struct SourceStatus: Hashable, Sendable {
    /// `bpf:exec`, `procfs`, `proc-connector`, ...
    public var name: String
    public var state: State
    /// Why it is not active, or by which hook it is; what to do about it.
    public var why: String

    public init(name: String, state: State, why: String) {
        self.name = name
        self.state = state
        self.why = why
    }

    public enum State: UInt8, Hashable, Sendable {
        case active = 1
        case degraded = 2
        case missing = 3

        public var name: String { String(describing: self) }
    }
}

/// A stretch of time in which a source did not record everything.
public struct Gap: Hashable, Sendable {
    public var source: String
    public var from: BootTime
    public var to: BootTime
    /// How many events are known to be lost; 0 where the number is not known.
    public var lost: UInt64
    public var why: String

    /// The source of gaps in what units log themselves, of which only so many lines a second are taken. No verdict rests on
    /// such a line, so none is weakened by its loss.
    public static let ownLines = "journal:text"
    /// The source of gaps in changes of unit files: users can make any number of them, and few verdicts rest on one.
    public static let unitFiles = "unit-files"
    /// The source of gaps in what the kernel's log says of OOM kills. What it would have told has another source, or is
    /// then not known.
    public static let kernelLog = "kernel-log"
    /// The source of gaps in which there were records, and they could not be read.
    public static let decoder = "decoder"

    public init(source: String, from: BootTime, to: BootTime, lost: UInt64, why: String) {
        self.source = source
        self.from = from
        self.to = to
        self.lost = lost
        self.why = why
    }
}
