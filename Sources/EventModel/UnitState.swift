/// What a manager says of one of its units at one moment: properties of org.freedesktop.systemd1.Unit and .Service.
///
/// `result` is of the current invocation only, and is reset at every start (systemd 252 to 257): it never tells how the
/// previous one ended.
public struct UnitState: Hashable, Sendable {
    public var unit: UnitID
    /// LoadState: `loaded`, `masked`, `not-found`, ...
    public var load: String
    /// ActiveState: `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
    public var active: String
    /// SubState: `running`, `dead`, `auto-restart`, `stop-sigterm`, ...
    public var sub: String
    /// Type= of a service: `simple`, `notify`, `oneshot`, `dbus`, ...; nil for other units.
    public var type: String?
    /// Result; nil for a unit that has none.
    public var result: String?
    /// InvocationID, 32 hex digits; nil where there has been none.
    public var invocation: String?
    /// MainPID; its start read from `/proc` when the state was read, so known to the tick.
    public var main: ProcessKey?
    /// ExecMainStatus and ExecMainCode, once the main process of this invocation has ended.
    public var mainStatus: ExitStatus?
    /// ExecMainExitTimestampMonotonic on CLOCK_BOOTTIME.
    public var mainEndedAt: BootTime?
    /// NRestarts: automatic restarts; a start that was asked for sets it to 0.
    public var restarts: UInt32
    /// Restart=.
    public var restartPolicy: String?
    /// The job that waits or runs.
    public var job: UInt32?
    /// MemoryMax= in bytes; nil for none.
    public var memoryMax: UInt64?
    /// OOMScoreAdjust=.
    public var oomScoreAdjustment: Int32?
    /// WatchdogSec=; nil where the unit has none.
    public var watchdog: Interval?
    /// ControlGroup, relative to the hierarchy's root.
    public var cgroup: String?
    /// FragmentPath and DropInPaths.
    public var files: [String]
    public var relations: [Relation]

    /// How a stop, start or failure of one unit reaches another (systemd.unit(5)).
    public struct Relation: Hashable, Sendable {
        public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
            case requires = 1
            case requisite = 2
            case bindsTo = 3
            case partOf = 4
            case conflicts = 5
            case conflictedBy = 6
            case upholds = 7
            case stopPropagatedFrom = 8
            case triggeredBy = 9
        }

        public var kind: Kind
        /// A unit of the same manager.
        public var other: String

        public init(kind: Kind, other: String) {
            self.kind = kind
            self.other = other
        }
    }

    /// All properties were read, and not only those that a change tells of: only then is a limit that is not there none.
    public var isWhole: Bool { !load.isEmpty && (type != nil || !unit.name.hasSuffix(".service")) }

    public init(
        unit: UnitID, load: String = "loaded", active: String, sub: String, type: String? = nil, result: String? = nil,
        invocation: String? = nil, main: ProcessKey? = nil, mainStatus: ExitStatus? = nil, mainEndedAt: BootTime? = nil,
        restarts: UInt32 = 0, restartPolicy: String? = nil, job: UInt32? = nil, memoryMax: UInt64? = nil,
        oomScoreAdjustment: Int32? = nil, watchdog: Interval? = nil, cgroup: String? = nil, files: [String] = [],
        relations: [Relation] = []
    ) {
        self.unit = unit
        self.load = load
        self.active = active
        self.sub = sub
        self.type = type
        self.result = result
        self.invocation = invocation
        self.main = main
        self.mainStatus = mainStatus
        self.mainEndedAt = mainEndedAt
        self.restarts = restarts
        self.restartPolicy = restartPolicy
        self.job = job
        self.memoryMax = memoryMax
        self.oomScoreAdjustment = oomScoreAdjustment
        self.watchdog = watchdog
        self.cgroup = cgroup
        self.files = files
        self.relations = relations
    }
}

/// A job of a manager's queue: JobNew and JobRemoved of org.freedesktop.systemd1.Manager.
public struct JobChange: Hashable, Sendable {
    public var unit: UnitID
    /// Unique within the manager's life.
    public var id: UInt32
    /// `start`, `stop`, `restart`, `reload`, ...; nil where it was gone before it could be asked.
    public var type: String?
    public var step: Step

    public enum Step: Hashable, Sendable {
        case queued
        /// `done`, `canceled`, `timeout`, `failed`, `dependency`, `skipped`.
        case removed(result: String)
    }

    public init(unit: UnitID, id: UInt32, type: String?, step: Step) {
        self.unit = unit
        self.id = id
        self.type = type
        self.step = step
    }
}
