import EventModel
import ProcessTracking
import UnitTracking

// Where the manager could not be asked in time, as of a user who logs in and out again, the kernel still shows which
// process it had started in the unit's cgroup.
extension UnitDetector {
    /// So long before the journal's word of it a main process may have ended.
    private static let patience = Interval.seconds(2)

    func withMains(_ disruption: Disruption, of unit: TrackedUnit, _ around: Surroundings) -> Disruption {
        if disruption.kind == .failedToStart { return withAttempt(disruption, of: unit, around) }
        guard disruption.kind != .degraded,
            disruption.mainBefore == nil || (disruption.mainAfter == nil && disruption.recoveredAt != nil)
        else { return disruption }
        var disruption = disruption
        let started = around.units.processes(of: unit.id, in: around.processes, cgroups: around.cgroups).filter {
            isStartedByManager($0, around.processes)
        }
        if disruption.mainBefore == nil, let main = ended(started, disruption), let exit = main.exit {
            disruption.mainBefore = main.key
            disruption.at = exit.at
            disruption.status = exit.status ?? disruption.status
            disruption.systemd?.run?.main = main.key
            disruption.systemd?.run?.endedAt = exit.at
            disruption.systemd?.run?.status = disruption.status
        }
        let alive = started.filter(\.isAlive)
        if disruption.recoveredAt != nil, disruption.mainAfter == nil, alive.count == 1 {
            disruption.mainAfter = alive.first?.key
        }
        return disruption
    }

    /// What forks (Type=forking) has no main process until it is up: a start of it fails with the process that the manager
    /// had started, which ended as the manager says.
    private func withAttempt(_ disruption: Disruption, of unit: TrackedUnit, _ around: Surroundings) -> Disruption {
        guard let failed = disruption.systemd?.failedStart, failed.main == nil, let status = failed.status else {
            return disruption
        }
        let attempts = around.units.processes(of: unit.id, in: around.processes, cgroups: around.cgroups).filter {
            isStartedByManager($0, around.processes) && $0.exit?.status == status
                && $0.exit.map { exit in
                    exit.at <= failed.at + .milliseconds(50) && exit.at + Self.patience >= failed.at
                } ?? false
        }
        // Where it is tried again and again, the one that the manager had just heard of.
        let last = attempts.max { ($0.exit?.at ?? .zero) < ($1.exit?.at ?? .zero) }
        guard let last else { return disruption }
        var disruption = disruption
        disruption.systemd?.failedStart?.main = last.key
        disruption.mainBefore = disruption.mainBefore ?? last.key
        return disruption
    }

    /// The only one that ended then. What the manager started in order to stop the unit is none.
    private func ended(_ started: [TrackedProcess], _ disruption: Disruption) -> TrackedProcess? {
        let found = started.filter { process in
            guard let exit = process.exit, exit.status != nil else { return false }
            let stopping = disruption.systemd?.stoppingAt
            return exit.at <= disruption.at + .milliseconds(50) && exit.at + Self.patience >= disruption.at
                && stopping.map { process.key.start < $0 } ?? true
        }
        return found.count == 1 ? found.first : nil
    }

    private func isStartedByManager(_ process: TrackedProcess, _ processes: ProcessTable) -> Bool {
        guard let creator = process.creator else { return false }
        return creator.pid == 1 || processes[creator]?.comm == "systemd"
    }
}
