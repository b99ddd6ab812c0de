import EventModel

// What the manager's lines in the journal say of a unit's history. Their times are their own, also where they are read
// long afterwards.
extension TrackedUnit {
    mutating func learn(_ kind: ManagerEntry, _ entry: JournalEntry, at time: BootTime) {
        if let job = entry.jobID {
            editJob(job, type: entry["JOB_TYPE"], at: time) { job in
                guard let result = entry["JOB_RESULT"] else { return }
                // A restart job is done when its start is: that its stop is done ends nothing.
                if job.type != "restart" || kind != .stopped {
                    job.removedAt = job.removedAt ?? time
                    job.result = job.result ?? result
                }
            }
        }
        switch kind {
        case .starting, .started: learnStart(kind, entry, at: time)
        case .startFailed:
            startFailed(at: time, job: entry.jobID, type: entry["JOB_TYPE"], result: entry["JOB_RESULT"])
        case .stopping:
            edit(serial: serial(of: entry.invocation, since: time)) {
                if $0.startingAt == nil { $0.upAt = $0.upAt ?? $0.since }
                $0.stoppingAt = $0.stoppingAt ?? time
                $0.stopJob = entry.jobID
            }
        case .restartScheduled:
            edit(serial: serial(of: entry.invocation, since: time)) {
                $0.restartScheduledAt = min($0.restartScheduledAt ?? time, time)
                $0.ended(.init(at: time, status: nil, basis: .journal))
                $0.endWasSeen = true
            }
        case .deactivated, .failed, .processExit, .stopped: learnEnd(kind, entry, at: time)
        }
    }

    private mutating func learnStart(_ kind: ManagerEntry, _ entry: JournalEntry, at time: BootTime) {
        let serial = serial(of: entry.invocation, since: time)
        edit(serial: serial) {
            if kind == .starting {
                $0.startingAt = min($0.startingAt ?? time, time)
            } else {
                $0.upAt = min($0.upAt ?? time, time)
            }
        }
        endOlder(than: serial, at: time, wasSeen: true)
    }

    private mutating func learnEnd(_ kind: ManagerEntry, _ entry: JournalEntry, at time: BootTime) {
        // A stop job on a unit that never ran, or whose invocation is forgotten, ends nothing.
        guard entry.invocation != nil || latest != nil else { return }
        // Control processes (ExecStartPre=, ExecReload=, ...) are logged alike; COMMAND tells them apart.
        if kind == .processExit, let command = entry["COMMAND"], command != "ExecStart" { return }
        edit(serial: serial(of: entry.invocation, since: time)) {
            // "Failed" and "deactivated" come last; how the main process ended came before.
            $0.ended(.init(at: time, status: entry.exitStatus, basis: .journal))
            $0.endWasSeen = true
            switch kind {
            case .deactivated: $0.result = "success"
            case .failed: $0.result = entry["UNIT_RESULT"] ?? $0.result
            default: break
            }
        }
    }
}
