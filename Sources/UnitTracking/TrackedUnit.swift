public import EventModel

/// What is known of one unit: how it is now, and what became of its last invocations.
public struct TrackedUnit: Hashable, Sendable {
    public var id: UnitID
    /// The latest that the manager said of it; nil while only the journal spoke.
    public var state: UnitState?
    public var stateAt: BootTime?
    /// The oldest first; at most `invocationsKept`.
    public internal(set) var invocations: [Invocation] = []
    /// In the order in which they became known; at most `jobsKept`.
    public internal(set) var jobs: [UnitJob] = []
    /// Starts that the manager gave up, the oldest first; at most `failuresKept`.
    public internal(set) var startFailures: [StartFailure] = []
    /// Changes of NRestarts, the oldest first; at most `failuresKept`.
    public internal(set) var restartCounts: [RestartCount] = []
    /// Files of it that somebody changed, the oldest first; at most `failuresKept`.
    public internal(set) var fileChanges: [FileChange] = []
    /// Changes of MemoryMax= while it was known, the oldest first; at most `failuresKept`.
    public internal(set) var memoryLimits: [MemoryLimit] = []
    /// When anything was last heard of it.
    public internal(set) var touchedAt: BootTime
    var nextSerial: UInt32 = 1
    /// Bytes that it is accounted for.
    var cost = 0

    static let invocationsKept = 8
    static let jobsKept = 16
    static let failuresKept = 8

    /// A file or a drop-in of the unit was changed.
    public struct FileChange: Hashable, Sendable {
        /// When the notice was read: the change was some milliseconds before.
        public var at: BootTime
        public var path: String
        public var step: UnitFileChange.Step
        /// Nil where it is not known.
        public var writer: ProcessKey?
        /// What the file says of memory since then, and what it said before; nil where that is not known.
        public var settings: MemorySettings?
        public var settingsBefore: MemorySettings?

        /// The unit may have another MemoryMax= by it. What is removed may have hidden a file that lay elsewhere.
        public var mayMoveLimit: Bool {
            guard step != .removed, let settings else { return true }
            guard let settingsBefore else { return settings.ceiling != nil }
            return settings.ceiling != settingsBefore.ceiling
        }
    }

    public struct MemoryLimit: Hashable, Sendable {
        /// When the manager told of it.
        public var at: BootTime
        /// In bytes; nil for none.
        public var from: UInt64?
        public var to: UInt64?

        public init(at: BootTime, from: UInt64?, to: UInt64?) {
            (self.at, self.from, self.to) = (at, from, to)
        }

        /// It may have less than before.
        public var isLowered: Bool { to.map { $0 < from ?? .max } ?? false }
    }

    init(id: UnitID, at time: BootTime) {
        self.id = id
        touchedAt = time
    }

    /// The one that runs or ran last.
    public var latest: Invocation? { invocations.last }

    public func invocation(id: String) -> Invocation? { invocations.last { $0.id == id } }
    public func invocation(serial: UInt32) -> Invocation? { invocations.last { $0.serial == serial } }
    public func job(id: UInt32) -> UnitJob? { jobs.last { $0.id == id } }

    /// Its name for a report and for patterns.
    public var name: String { id.name }
}

/// One run of a unit, from its start to its end; systemd calls it an invocation.
public struct Invocation: Hashable, Sendable {
    /// Counts the invocations of this unit as they became known, from 1 on.
    public var serial: UInt32
    /// InvocationID, 32 hex digits; nil where no source named it.
    public var id: String?
    /// The earliest moment that it was heard of.
    public var since: BootTime
    /// The main process; its start is exact where the process table knows it. Nil where no source named it.
    public var main: ProcessKey?
    /// When it began to start, where that was seen.
    public var startingAt: BootTime?
    /// When its start was done. Nil where it never came up, or that was not seen.
    public var upAt: BootTime?
    /// When the manager began to stop it.
    public var stoppingAt: BootTime?
    /// The job by which it was stopped, as the journal names it.
    public var stopJob: UInt32?
    /// How its main process ended, or the whole where it has none. Nil while it lives.
    public var end: End?
    /// Result= that it ended with: `success`, `exit-code`, `signal`, `watchdog`, ...; nil where nobody said.
    public var result: String?
    /// When the manager scheduled its automatic restart (Restart=); nil where it did not.
    public var restartScheduledAt: BootTime?
    /// Its end happened while somebody looked: the kernel, the journal, or two states of which only one is after it. Not so
    /// where the first that was heard of the unit is that it does not run.
    public internal(set) var endWasSeen = false
    /// It was active after its main process had ended (RemainAfterExit=).
    public internal(set) var hadNoMain = false

    public struct End: Hashable, Sendable {
        public var at: BootTime
        /// Nil where nobody saw how.
        public var status: ExitStatus?
        public var basis: Basis

        public init(at: BootTime, status: ExitStatus?, basis: Basis) {
            self.at = at
            self.status = status
            self.basis = basis
        }
    }

    /// What an end is known by; the later ones here are the more exact.
    public enum Basis: UInt8, Hashable, Comparable, Sendable {
        /// The unit was found in a state that it only has after the end.
        case state = 1
        /// The journal's lines.
        case journal = 2
        /// The manager's own time stamp.
        case manager = 3
        /// The process's exit.
        case kernel = 4

        public static func < (a: Basis, b: Basis) -> Bool { a.rawValue < b.rawValue }
    }

    init(serial: UInt32, id: String?, since: BootTime) {
        self.serial = serial
        self.id = id
        self.since = since
    }

    /// Whether it was up before it ended. One whose beginning was not seen is taken to have been.
    public var cameUp: Bool {
        guard let end else { return upAt != nil }
        if let upAt { return upAt <= end.at }
        return startingAt == nil
    }
}

/// A job of the manager's queue, put together from JobNew, JobRemoved and the journal.
public struct UnitJob: Hashable, Sendable {
    /// Unique within the manager's life.
    public var id: UInt32
    /// `start`, `stop`, `restart`, ...; nil where it is not known.
    public var type: String?
    /// The earliest moment that any source told of it: JobNew comes when we receive it, a journal entry has its own time.
    public var seenAt: BootTime
    /// When JobNew told of it.
    public var queuedAt: BootTime?
    public var removedAt: BootTime?
    /// `done`, `failed`, `canceled`, `dependency`, ...
    public var result: String?

    public init(id: UInt32, type: String?, seenAt: BootTime) {
        self.id = id
        self.type = type
        self.seenAt = seenAt
    }
}

/// A start that did not come up, as its job ended.
public struct StartFailure: Hashable, Sendable {
    public var at: BootTime
    public var job: UInt32?
    public var jobType: String?
    /// `failed`, `dependency`, `timeout`, ...
    public var jobResult: String?
}

/// NRestarts was found to be another.
public struct RestartCount: Hashable, Sendable {
    public var at: BootTime
    public var before: UInt32
    public var after: UInt32
}
