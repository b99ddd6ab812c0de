extension ManagerCall {
    /// What is asked for. The raw value is for machines.
    public enum Verb: String, Hashable, Sendable, CaseIterable {
        // Jobs: the reply names one.
        case start
        case stop
        case reload
        case restart
        case tryRestart = "try-restart"
        case reloadOrRestart = "reload-or-restart"
        case reloadOrTryRestart = "reload-or-try-restart"
        case startTransient = "start-transient"
        /// Of a type that is none of the above.
        case enqueueJob = "enqueue-job"
        /// The jobs that units were marked for (`systemctl reload-or-restart --marked`).
        case enqueueMarkedJobs = "enqueue-marked-jobs"

        // On units, at once.
        case kill
        case resetFailed = "reset-failed"
        case setProperties = "set-properties"
        case freeze
        case thaw
        case clean
        case attachProcesses = "attach-processes"
        case abandonScope = "abandon-scope"
        case cancelJob = "cancel-job"
        case clearJobs = "clear-jobs"

        // On unit files.
        case enable
        case disable
        case mask
        case unmask
        case preset
        case link
        case revert
        case setDefaultTarget = "set-default-target"

        // On the manager.
        case reloadManager = "daemon-reload"
        case reexecute = "daemon-reexec"
        case exit
        case setEnvironment = "set-environment"

        // On the host.
        case powerOff = "poweroff"
        case reboot
        case softReboot = "soft-reboot"
        case halt
        case kexec
        case switchRoot = "switch-root"
        case suspend
        case hibernate
        case hybridSleep = "hybrid-sleep"
        case suspendThenHibernate = "suspend-then-hibernate"
        case sleep
        case scheduleShutdown = "schedule-shutdown"
        case cancelShutdown = "cancel-shutdown"

        // On logins.
        case terminateSession = "terminate-session"
        case terminateUser = "terminate-user"
        case terminateSeat = "terminate-seat"
        case killSession = "kill-session"
        case killUser = "kill-user"
        case setLinger = "set-linger"

        /// The type of a job, as EnqueueUnitJob takes it.
        init?(jobType: String) {
            guard let verb = Verb(rawValue: jobType), verb.makesJob, verb != .startTransient else { return nil }
            self = verb
        }

        /// Whether a reply names the job that it made: a call without one was refused, or needed none.
        public var makesJob: Bool {
            switch self {
            case .start, .stop, .reload, .restart, .tryRestart, .reloadOrRestart, .reloadOrTryRestart, .startTransient,
                .enqueueJob, .enqueueMarkedJobs:
                true
            default: false
            }
        }

        /// Whether it is the whole host that goes down or to sleep.
        public var isOfHost: Bool {
            switch self {
            case .powerOff, .reboot, .softReboot, .halt, .kexec, .switchRoot, .suspend, .hibernate, .hybridSleep,
                .suspendThenHibernate, .sleep, .scheduleShutdown:
                true
            default: false
            }
        }
    }
}
