import EventModel
import IncidentDetection

/// That a manager ended a unit's main process, and the job that it did so for.
struct UnitStop {
    var unit: UnitID
    /// Nil where nothing named a job.
    var job: UInt32?
    /// The manager's signal, or its log entry, whichever was first; the call's answer where there is neither.
    var at: BootTime
    /// When what it ended began, or the window.
    var began: BootTime
    /// Something beside the call says that this job is of this unit.
    var isJobSeen: Bool
    var evidence: [Finding.Observation]
}

extension DisruptionCase {
    /// The record of a message is made when its send is done: so much later than its effect it may come, on a busy host.
    static let sendDelay = Interval.milliseconds(250)
    /// So much the journal's time of an entry may be behind.
    static let logDelay = Interval.milliseconds(20)
    /// So late JobNew may be read from the bus.
    static let jobDelay = Interval.seconds(1)

    /// How the manager ended the subject; nil where it ended without it. A start that failed may have been the second half
    /// of a restart: then it is the run before it that was ended.
    var unitStop: UnitStop? {
        guard let unit else { return nil }
        guard let facts = disruption.systemd, facts.failedStart != nil, let run = facts.run else {
            return stop(of: unit, main: victim, until: disruption.at)
        }
        return stop(of: unit, main: run.main, until: run.endedAt)
    }

    /// A job counts only where something shows it before the end: a process that ends first was not stopped by a job, and
    /// the job that follows is the automatic restart's (systemd up to 253), or somebody's repair.
    func stop(of unit: UnitID, main: ProcessKey?, until end: BootTime) -> UnitStop? {
        let start = max(windowStart, main?.start ?? .zero)
        let signals = main.map { managerSignals(to: $0, of: unit, until: end) } ?? []
        let asked = calls.all.filter { call in
            call.names(unit) && call.request.verb.endsUnit && !call.jobs.isEmpty && call.at > start
                && min(call.at, call.answeredAt ?? call.at) <= end
        }
        let known = stopJobs(of: unit, from: start, until: end, asked)
        let logged = known.last { job in job.stoppingAt.map { $0 > start && $0 <= end + Self.logDelay } ?? false }
        // JobNew alone may be late, of the job that started this very process.
        let isHeard = seesManagerCalls || !seesSignals || !hasSource("journal")
        let heard = isHeard ? known.first { $0.knownAt <= end }?.knownAt : nil
        guard
            let at = [signals.first?.event.time, logged?.stoppingAt, heard].compactMap({ $0 }).min() ?? asked.last?.at
        else { return nil }
        let job =
            logged?.id ?? asked.last { call in known.contains { call.jobs.contains($0.id) } }?.jobs.first
            ?? known.last?.id ?? asked.last?.jobs.first
        return UnitStop(
            unit: unit, job: job, at: min(at, end), began: start, isJobSeen: known.contains { $0.id == job },
            evidence: known.filter { $0.id == job }.prefix(1).map { .job($0, self) }
                + signals.prefix(1).map { .signal($0.event, $0.signal, self) })
    }

    /// Jobs that may have ended what began at `start`; not the one that started it.
    private func stopJobs(
        of unit: UnitID, from start: BootTime, until end: BootTime, _ asked: [ManagerCalls.Call]
    ) -> [UnitJobs.Job] {
        jobs[unit].filter { job in
            guard job.knownAt > start, job.knownAt <= end + Self.jobDelay else { return false }
            if calls.all.contains(where: { $0.at <= start && $0.jobs.contains(job.id) && $0.names(unit) }) {
                return false
            }
            return job.isOfStop || asked.contains { $0.jobs.contains(job.id) }
        }
    }

    /// What the unit's own manager sent to its main process.
    func managerSignals(to main: ProcessKey, of unit: UnitID, until end: BootTime) -> [SignalEvent] {
        signals(to: main, until: end).filter {
            $0.signal.tookEffect && $0.signal.origin.hasSender && managers.scope(of: $0.sender) == unit.manager
        }
    }
}

extension ManagerCall.Verb {
    /// Whether its job may end a running unit that it names.
    var endsUnit: Bool {
        switch self {
        case .stop, .restart, .tryRestart, .reloadOrRestart, .reloadOrTryRestart, .enqueueJob, .enqueueMarkedJobs: true
        default: false
        }
    }

    /// Whether its job starts what it names, and so may end what conflicts with it.
    var startsUnit: Bool {
        switch self {
        case .start, .startTransient, .restart, .reloadOrRestart: true
        default: false
        }
    }
}
