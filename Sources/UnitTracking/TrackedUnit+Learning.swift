import EventModel
import ProcessTracking

// What the manager's states and jobs say of a unit's history.
extension TrackedUnit {
    mutating func learn(_ new: UnitState, at time: BootTime, _ processes: ProcessTable) {
        let isNews = stateAt.map { time >= $0 } ?? true
        let hadHistory = stateAt != nil || !invocations.isEmpty
        let ended = Set(invocations.filter { $0.end != nil }.map(\.serial))
        if let old = state, isNews, old.restarts != new.restarts {
            restartCounts.append(RestartCount(at: time, before: old.restarts, after: new.restarts))
            if restartCounts.count > Self.failuresKept { restartCounts.removeFirst() }
        }
        // A manager tells of a unit before it tells what limits it has: that is then read first, not changed.
        if let old = state, isNews, old.memoryMax != new.memoryMax, old.isWhole, new.isWhole {
            memoryLimits.append(MemoryLimit(at: time, from: old.memoryMax, to: new.memoryMax))
            if memoryLimits.count > Self.failuresKept { memoryLimits.removeFirst() }
        }
        if let id = new.invocation {
            let hadMet = invocation(id: id) != nil
            let main = new.main.map { processes[$0]?.key ?? $0 }
            let serial = serial(of: id, since: min(time, main?.start ?? time))
            // First met when it was over already: it can hardly have come up in between.
            let isOver =
                new.main == nil && (["inactive", "failed"].contains(new.active) || new.sub.hasPrefix("auto-restart"))
            if hadHistory, isOver, !hadMet { edit(serial: serial) { $0.startingAt = $0.startingAt ?? time } }
            edit(serial: serial) { $0.learn(new, main, at: time, processes) }
            endOlder(than: serial, at: main?.start ?? time)
        } else if let serial = latest?.serial, isNews, ["inactive", "failed"].contains(new.active) {
            // A stopped unit that nothing refers to is unloaded, and forgets even which invocation it had.
            edit(serial: serial) { $0.ended(.init(at: time, status: nil, basis: .state)) }
        }
        for index in invocations.indices where invocations[index].end != nil {
            if hadHistory, !ended.contains(invocations[index].serial) { invocations[index].endWasSeen = true }
        }
        guard isNews else { return }
        state = new
        stateAt = time
    }

    mutating func learn(_ change: JobChange, at time: BootTime) {
        switch change.step {
        case .queued:
            editJob(change.id, type: change.type, at: time) { $0.queuedAt = $0.queuedAt ?? time }
        case .removed(let result):
            editJob(change.id, type: change.type, at: time) {
                $0.removedAt = $0.removedAt ?? time
                $0.result = result
            }
            let type = change.type ?? job(id: change.id)?.type
            if JobResult.isFailure(result), type != "stop" {
                startFailed(at: time, job: change.id, type: type, result: result)
            }
        }
    }

    /// The invocation of that id, a new one where it was not heard of. One that no source named yet takes the id.
    mutating func serial(of id: String?, since time: BootTime) -> UInt32 {
        if let id {
            if let known = invocation(id: id) {
                edit(serial: known.serial) { $0.since = min($0.since, time) }
                return known.serial
            }
        } else if let latest {
            return latest.serial
        }
        let new = Invocation(serial: nextSerial, id: id, since: time)
        nextSerial &+= 1
        let place = invocations.lastIndex { $0.since <= time }.map { $0 + 1 } ?? 0
        invocations.insert(new, at: place)
        if invocations.count > Self.invocationsKept { invocations.removeFirst() }
        return new.serial
    }

    mutating func edit(serial: UInt32, _ body: (inout Invocation) -> Void) {
        guard let index = invocations.lastIndex(where: { $0.serial == serial }) else { return }
        body(&invocations[index])
        // News of an early moment may put it before others.
        invocations.sort { ($0.since, $0.serial) < ($1.since, $1.serial) }
    }

    /// There is one invocation at a time: when one begins, those before it have ended.
    mutating func endOlder(than serial: UInt32, at time: BootTime, wasSeen: Bool = false) {
        guard let place = invocations.firstIndex(where: { $0.serial == serial }) else { return }
        for index in invocations[..<place].indices {
            if invocations[index].end == nil, wasSeen { invocations[index].endWasSeen = true }
            invocations[index].ended(.init(at: time, status: nil, basis: .state))
        }
    }

    mutating func editJob(_ id: UInt32, type: String?, at time: BootTime, _ body: (inout UnitJob) -> Void) {
        // A user's manager that came again counts from the start: what is long done is another job.
        let index = jobs.lastIndex { $0.id == id && ($0.removedAt ?? time) + .seconds(60) >= time }
        if index == nil {
            jobs.append(UnitJob(id: id, type: nil, seenAt: time))
            if jobs.count > Self.jobsKept { jobs.removeFirst() }
        }
        let found = index ?? jobs.count - 1
        guard jobs.indices.contains(found) else { return }
        jobs[found].seenAt = min(jobs[found].seenAt, time)
        // A restart is logged as a stop job and then as a start job; only when its stop is done, by its own name.
        if jobs[found].type == nil || type == "restart" { jobs[found].type = type }
        body(&jobs[found])
    }

    mutating func startFailed(at time: BootTime, job: UInt32?, type: String?, result: String?) {
        if let job, startFailures.contains(where: { $0.job == job && $0.at.distance(to: time) <= .seconds(60) }) {
            return
        }
        startFailures.append(StartFailure(at: time, job: job, jobType: type, jobResult: result))
        if startFailures.count > Self.failuresKept { startFailures.removeFirst() }
    }
}

/// JOB_RESULT of a job that did not do what it was for; a canceled or skipped one is no failure.
enum JobResult {
    static func isFailure(_ result: String) -> Bool { ["failed", "dependency", "timeout", "assert"].contains(result) }
}

extension Invocation {
    private static let running: Set<String> = ["activating", "active", "reloading", "refreshing"]

    /// A state that names this invocation.
    fileprivate mutating func learn(_ state: UnitState, _ main: ProcessKey?, at time: BootTime, _ table: ProcessTable) {
        // Properties of the unit and of the service come one after the other, and the state between the two is of neither:
        // one with the next invocation's main process, or one that is over and has a main process.
        if let main, let end, end.basis > .state, main.start.ticks > end.at.ticks { return }
        // No invocation runs again: what seemed to be its end was the state of the one before.
        if end?.basis == .state, Self.running.contains(state.active), !state.sub.hasPrefix("auto-restart") {
            end = nil
            endWasSeen = false
        }
        let hasMain = state.main != nil && state.mainEndedAt == nil
        if hasMain, ["inactive", "failed"].contains(state.active) || state.sub.hasPrefix("auto-restart") {
            return
        }
        if let main { take(main: main, table) }
        switch (state.active, state.sub) {
        case ("activating", "auto-restart"), ("activating", "auto-restart-queued"):
            restartScheduledAt = restartScheduledAt ?? time
            learnEnd(state, at: time)
        case ("activating", _): startingAt = startingAt ?? min(time, main?.start ?? time)
        case ("deactivating", _):
            // A start that failed passes through here as well; it does not make it one that was up.
            if startingAt == nil { upAt = upAt ?? since }
            stoppingAt = stoppingAt ?? time
            if state.mainEndedAt != nil { learnEnd(state, at: time) }
        case ("inactive", _), ("failed", _): learnEnd(state, at: time)
        case ("maintenance", _): return
        default: isUp(state, at: time)
        }
    }

    private mutating func isUp(_ state: UnitState, at time: BootTime) {
        if upAt == nil { upAt = startingAt == nil ? min(time, main?.start ?? time) : time }
        // The main process went, and the unit did not: another took over, or it stays active without one.
        if let end, end.at < time,
            end.basis != .kernel || end.status == nil || main.map({ state.main?.matches(tick: $0) ?? true }) != true
        {
            self.end = nil
        } else if end != nil, state.sub == "exited" {
            end = nil
        }
        hadNoMain = state.sub == "exited"
    }

    private mutating func take(main new: ProcessKey, _ table: ProcessTable) {
        if let main, main == new || main.matches(tick: new) {
            if table[new]?.key == new { self.main = new }
        } else {
            main = new
            // Another process took over: the end of the one before was not the unit's.
            if end?.basis == .kernel { end = nil }
        }
        // One without a status is only concluded from the pid's next holder.
        if let exit = table[new]?.exit, exit.status != nil {
            ended(.init(at: exit.at, status: exit.status, basis: .kernel))
        }
    }

    private mutating func learnEnd(_ state: UnitState, at time: BootTime) {
        // Of a unit that stayed active without it, the end of the main process is not the unit's.
        let earliest = max(since - .milliseconds(10), hadNoMain ? time : .zero)
        let known = state.mainEndedAt.flatMap { $0 >= earliest ? $0 : nil }
        let status = known == nil ? nil : state.mainStatus
        ended(.init(at: known ?? time, status: status, basis: known == nil ? .state : .manager))
        // A later state may have forgotten it: `reset-failed`, a unit that was loaded anew.
        if result == nil { result = state.result }
    }

    /// What is known more exactly stands; what only the other knows is filled in.
    mutating func ended(_ new: End) {
        guard let old = end else {
            end = new
            return
        }
        let (better, other) = new.basis > old.basis ? (new, old) : (old, new)
        end = End(at: better.at, status: better.status ?? other.status, basis: better.basis)
    }
}
