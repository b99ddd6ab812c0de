import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// That a unit, the subject or a slice that it is in, may have had less memory since then, and whose doing that was.
struct LoweredLimit {
    var limit: TrackedUnit.MemoryLimit
    /// Nil where that is not known, or where it may have been one of several.
    var changer: ProcessKey?
    var changedAt: BootTime
    /// When the limit became that, where this is known better than by the manager's word.
    var tookEffectAt: BootTime?
    /// The most that a verdict about it can claim.
    var confidence: Confidence
    /// `wrote /etc/systemd/system/prod.service.d/limit.conf`
    var deed: String
    var evidence: [Finding.Observation] = []
    /// Others who may have done it.
    var rivals: [ProcessKey] = []
    /// Who changed a file of the unit that left the limit as it was.
    var bystanders: [ProcessKey] = []

    /// A limit that was lowered longer ago has been lived with.
    static let recently = Interval.seconds(3600)
}

extension DisruptionCase {
    /// So soon after the call the manager tells of the new limit.
    static let toldWithin = Interval.seconds(10)

    /// The last change of that unit's MemoryMax= before that kill, where it lowered it.
    func loweredLimit(of unit: UnitID, before kill: OOMKill) -> LoweredLimit? {
        guard let history = units[unit], let limit = limit(at: kill, history), limit.isLowered,
            limit.at + LoweredLimit.recently >= disruption.at
        else { return nil }
        let calls = limitCalls.all.filter { $0.at <= limit.at + Self.sendDelay && !$0.isRefused }
        return byCall(limit, history, unit, calls)
            ?? byFile(limit, history, unit, calls.filter { isReload($0, of: unit) && isJustBefore($0, limit) })
    }

    /// A limit that is set below what is in use ends processes while the manager sets it, and is told of afterwards: the
    /// kill itself says what it had become.
    private func limit(at kill: OOMKill, _ history: TrackedUnit) -> TrackedUnit.MemoryLimit? {
        let told = history.memoryLimits.last { $0.at <= disruption.at }
        guard let reached = kill.oom.scope.limit, reached.limitKiB > 0, let state = history.state, state.isWhole else {
            return told
        }
        let later = history.memoryLimits.first { $0.at > disruption.at }
        let known = told.map(\.to) ?? later.map(\.from) ?? state.memoryMax
        guard reached.bytes < known ?? .max, !LoweredLimit.isSame(reached.bytes, known ?? .max) else { return told }
        return TrackedUnit.MemoryLimit(at: kill.event.time, from: known, to: reached.bytes)
    }

    func isReload(_ call: ManagerCalls.Call, of unit: UnitID) -> Bool {
        call.request.verb == .reloadManager && call.request.manager == unit.manager
    }
}
