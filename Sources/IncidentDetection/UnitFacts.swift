public import EventModel

/// What a unit's manager and its history say of a disruption. Only what was seen: nothing here is concluded from defaults.
public struct UnitFacts: Hashable, Sendable {
    public var unit: UnitID
    /// Result= with which the invocation ended; of `failed-to-start`, the one that did not come up. `success`,
    /// `exit-code`, `signal`, `core-dump`, `watchdog`, `oom-kill`, `timeout`, `protocol`, `resources`,
    /// `start-limit-hit`, ...; nil where no source said it.
    public var result: String?
    /// Result= as it read when the disruption had settled: of the new invocation, and so `success` whatever happened.
    public var resultNow: String?
    /// NRestarts after; nil where the manager was not asked.
    public var restarts: UInt32?
    /// NRestarts before; nil where the manager had not been asked.
    public var restartsBefore: UInt32?
    /// Restart=.
    public var restartPolicy: String?
    /// The stop or restart job that was there before the main process ended, or the job whose start failed: `stop`,
    /// `restart`, `start`, ... The job of an automatic restart is none of these.
    public var jobType: String?
    public var jobID: UInt32?
    /// The manager scheduled a restart by itself (Restart=): nobody had asked for it.
    public var wasAutomatic = false
    /// When the manager began to stop it, where it did.
    public var stoppingAt: BootTime?
    /// The run that ended: of `failed-to-start`, the one before the start that failed. Nil where the unit had not run.
    public var run: Run?
    /// The first start that did not come up; of `failed-to-start`, what the disruption is about.
    public var failedStart: FailedStart?
    /// How many starts did not come up until it had settled.
    public var failedStarts = 0
    /// Processes of the unit, other than its main one, that a signal ended around that moment; at most 16.
    public var workers: [Worker] = []

    public struct Run: Hashable, Sendable {
        public var invocation: String?
        public var main: ProcessKey?
        public var endedAt: BootTime
        public var status: ExitStatus?

        public init(invocation: String?, main: ProcessKey?, endedAt: BootTime, status: ExitStatus?) {
            self.invocation = invocation
            self.main = main
            self.endedAt = endedAt
            self.status = status
        }
    }

    public struct FailedStart: Hashable, Sendable {
        public var at: BootTime
        public var invocation: String?
        /// The process that did not come up; nil where the start failed before there was one.
        public var main: ProcessKey?
        public var status: ExitStatus?
        /// JOB_RESULT of the start job: `failed`, `dependency`, `timeout`; nil where the job was done before.
        public var jobResult: String?

        public init(
            at: BootTime, invocation: String? = nil, main: ProcessKey? = nil, status: ExitStatus? = nil,
            jobResult: String? = nil
        ) {
            self.at = at
            self.invocation = invocation
            self.main = main
            self.status = status
            self.jobResult = jobResult
        }
    }

    public struct Worker: Hashable, Sendable {
        public var process: ProcessKey
        public var at: BootTime
        public var status: ExitStatus

        public init(process: ProcessKey, at: BootTime, status: ExitStatus) {
            self.process = process
            self.at = at
            self.status = status
        }
    }

    public init(unit: UnitID) { self.unit = unit }
}
