import EventModel
import UnitTracking

/// What happened to a unit, concluded from its history once that has settled. A pure function of it.
struct UnitEpisode {
    let unit: TrackedUnit
    let workers: [UnitFacts.Worker]
    let now: BootTime
    /// Ends of invocations that had come up, the oldest first.
    let runs: [Invocation]
    /// Ends of invocations that had not, and were no success.
    let attempts: [Invocation]
    let failures: [StartFailure]

    init(unit: TrackedUnit, news: UnitNews, workers: [UnitFacts.Worker], now: BootTime) {
        self.unit = unit
        self.workers = workers
        self.now = now
        failures = news.failures
        var runs: [Invocation] = []
        var attempts: [Invocation] = []
        for end in news.ends {
            if !end.cameUp || end.isFalseStart(afterRun: !runs.isEmpty, of: unit) {
                if end.endedCleanly == false { attempts.append(end) }
            } else {
                runs.append(end)
            }
        }
        self.runs = runs
        self.attempts = attempts
    }

    /// The invocation that runs now, where it can be relied on.
    var current: Invocation? {
        guard let latest = unit.latest, latest.end == nil, let upAt = latest.upAt else { return nil }
        // After starts that failed, one that has only just come up may be the next to do so.
        let hasFailed = !attempts.isEmpty || !failures.isEmpty
        return hasFailed && upAt + UnitDetector.stable > now ? nil : latest
    }

    /// Nothing but starts that the manager tried again by itself, and that failed as the one before.
    var isMoreOfTheSame: Bool {
        guard runs.isEmpty, !attempts.isEmpty || !failures.isEmpty else { return false }
        let asked = unit.jobs.contains { job in
            job.seenAt >= (attempts.first?.since ?? now) - .seconds(1) && job.type == "start"
        }
        return attempts.allSatisfy { unit.isAutomatic($0) } && !attempts.isEmpty && !asked
    }

    /// Nil where nothing was disrupted.
    var disruption: Disruption? {
        if runs.isEmpty, attempts.isEmpty, failures.isEmpty { return degraded }
        if let first = runs.first, attempts.isEmpty, failures.isEmpty, current == nil, isOrdinaryEnd(first) {
            return nil
        }
        guard attempts.isEmpty && failures.isEmpty || gaveUp || (current != nil && !runs.isEmpty) else {
            return failedToStart
        }
        guard let first = runs.first, let end = first.end else { return nil }
        let kind: Disruption.Kind =
            current != nil ? .restarted : first.endedCleanly == false ? .failed : .stopped
        return Disruption(
            kind: kind, at: end.at, recoveredAt: current.map { max(end.at, $0.upAt ?? end.at) }, mainBefore: first.main,
            mainAfter: current?.main, status: end.status, systemd: facts(first))
    }

    /// After ends that it answered with restarts of its own, the manager would not try once more (StartLimitBurst=): no
    /// start failed, and the first of those ends is what happened.
    private var gaveUp: Bool {
        guard attempts.isEmpty, let last = runs.last, last.endedCleanly == false, unit.isAutomaticAfter(last) else {
            return false
        }
        return !failures.isEmpty && failures.allSatisfy { $0.jobResult != "dependency" }
    }

    private var failedToStart: Disruption? {
        guard let failed = failedStart else { return nil }
        return Disruption(
            kind: .failedToStart, at: failed.at, recoveredAt: current.map { max(failed.at, $0.upAt ?? failed.at) },
            mainBefore: runs.first?.main ?? failed.main, mainAfter: current?.main, status: failed.status,
            systemd: facts(runs.first, result: attempts.first?.result))
    }

    private var degraded: Disruption? {
        guard let first = workers.first, let latest = unit.latest, latest.end == nil, latest.stoppingAt == nil else {
            return nil
        }
        return Disruption(
            kind: .degraded, at: first.at, mainBefore: latest.main, mainAfter: latest.main, status: first.status,
            systemd: facts(nil))
    }

    /// The first start that failed, whether its job failed with it or was done before.
    var failedStart: UnitFacts.FailedStart? {
        let attempt = attempts.first
        let failure = failures.first
        guard let end = attempt?.end else {
            return failure.map { UnitFacts.FailedStart(at: $0.at, jobResult: $0.jobResult) }
        }
        return UnitFacts.FailedStart(
            at: end.at, invocation: attempt?.id, main: attempt?.main, status: end.status, jobResult: failure?.jobResult)
    }

    /// What comes and goes as it is meant to: it left by itself, without an error, and something starts it when needed.
    private func isOrdinaryEnd(_ run: Invocation) -> Bool {
        guard run.endedCleanly != false, run.stoppingAt == nil, !run.hadNoMain, run.end?.status?.signal == nil,
            UnitFacts.job(of: run, in: unit) == nil
        else { return false }
        if let type = unit.state?.type, type == "dbus" || type == "oneshot" { return true }
        return unit.name.hasPrefix("systemd-")
            || unit.state?.relations.contains { $0.kind == .triggeredBy } ?? false
    }

    private func facts(_ run: Invocation?, result: String? = nil) -> UnitFacts {
        var facts = UnitFacts(unit: unit.id)
        facts.result = result ?? run?.result ?? attempts.first?.result
        facts.resultNow = unit.state?.result
        facts.restarts = unit.restarts(after: run ?? attempts.first)
        facts.restartsBefore = unit.restarts(before: run ?? attempts.first)
        facts.restartPolicy = unit.state?.restartPolicy
        facts.wasAutomatic = run.map { unit.isAutomaticAfter($0) } ?? false
        facts.stoppingAt = run?.stoppingAt
        facts.run = run.flatMap { run in
            run.end.map { .init(invocation: run.id, main: run.main, endedAt: $0.at, status: $0.status) }
        }
        facts.failedStart = failedStart
        facts.failedStarts = attempts.isEmpty ? failures.count : attempts.count
        facts.workers = workers
        let job = run.flatMap { UnitFacts.job(of: $0, in: unit) } ?? startJob
        facts.jobType = job?.type
        facts.jobID = job?.id
        return facts
    }

    /// The job whose start failed, where nothing had run before.
    private var startJob: UnitJob? {
        guard runs.isEmpty else { return nil }
        if let id = failures.first?.job, let job = unit.job(id: id) { return job }
        guard let first = attempts.first, !unit.isAutomatic(first) else { return nil }
        return unit.jobs.last { $0.type == "start" && $0.seenAt <= first.end?.at ?? now }
    }
}
