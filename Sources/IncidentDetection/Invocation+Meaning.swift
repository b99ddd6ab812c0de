import EventModel
import UnitTracking

extension Invocation {
    /// As systemd counts it (Restart=on-failure, without SuccessExitStatus=): its result where somebody said it, else the
    /// end of its main process. Nil where neither is known.
    var endedCleanly: Bool? {
        if let result { return result == "success" }
        guard let status = end?.status else { return nil }
        guard let signal = status.signal else { return status.isSuccess }
        return [.hangup, .interrupt, .terminate, .pipe].contains(signal)
    }

    /// Up for the manager, since a simple service is as soon as it is forked, and yet it did not come up: what started
    /// after a run that ended, or could not be executed, or gave up within a second, ended by itself with an error.
    func isFalseStart(afterRun: Bool, of unit: TrackedUnit) -> Bool {
        guard let end, endedCleanly == false, stoppingAt == nil, let code = end.status?.code, code != 0 else {
            return false
        }
        if afterRun { return true }
        guard let began = startingAt ?? upAt else { return false }
        return began.distance(to: end.at) <= UnitDetector.stable
    }
}

extension TrackedUnit {
    /// It was started by the manager itself (Restart=), after the one before had ended.
    func isAutomatic(_ invocation: Invocation) -> Bool {
        guard let place = invocations.firstIndex(where: { $0.serial == invocation.serial }), place > 0 else {
            return false
        }
        return isAutomaticAfter(invocations[place - 1])
    }

    /// The manager restarted the unit by itself when that invocation had ended.
    func isAutomaticAfter(_ invocation: Invocation) -> Bool {
        if invocation.restartScheduledAt != nil { return true }
        guard let end = invocation.end else { return false }
        return restartCounts.contains { $0.after > $0.before && $0.at >= end.at }
    }

    /// NRestarts as it was found last.
    func restarts(after invocation: Invocation?) -> UInt32? { state?.restarts }

    /// NRestarts as it was before the end.
    func restarts(before invocation: Invocation?) -> UInt32? {
        guard let end = invocation?.end, let state else { return nil }
        if let change = restartCounts.first(where: { $0.at >= end.at }) { return change.before }
        return state.restarts
    }
}

extension UnitFacts {
    /// JobNew is known when we receive it: it may seem to come so long after the end that it led to.
    private static let lateness = Interval.milliseconds(100)
    private static let enders: Set<String> = [
        "stop", "restart", "try-restart", "reload-or-restart", "reload-or-try-restart",
    ]

    /// The job that the manager stopped that invocation for; nil where it ended before any job, or by none.
    static func job(of invocation: Invocation, in unit: TrackedUnit) -> UnitJob? {
        if let id = invocation.stopJob {
            return unit.job(id: id) ?? UnitJob(id: id, type: nil, seenAt: invocation.since)
        }
        guard let end = invocation.end else { return nil }
        let latest = unit.isAutomaticAfter(invocation) ? end.at : end.at + lateness
        return unit.jobs.last { job in
            guard let type = job.type, enders.contains(type), job.seenAt >= invocation.since else { return false }
            return job.seenAt <= latest && (job.removedAt ?? end.at) + .seconds(5) >= end.at
        }
    }
}
