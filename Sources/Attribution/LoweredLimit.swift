import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// That the subject may have had less memory since then, and whose doing that was.
struct LoweredLimit {
    var limit: TrackedUnit.MemoryLimit
    /// Nil where that is not known, or where it may have been one of several.
    var changer: ProcessKey?
    var changedAt: BootTime
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
    private static let toldWithin = Interval.seconds(10)

    /// The last change of MemoryMax= before that kill, where it lowered it.
    func loweredLimit(before kill: OOMKill) -> LoweredLimit? {
        guard let unit, let history = unitHistory, let limit = limit(at: kill, history, unit), limit.isLowered,
            limit.at + LoweredLimit.recently >= disruption.at
        else { return nil }
        let before = limit.at - Self.toldWithin
        // A manager answers when it has done it all: where that takes long, what it did last is what the call was about.
        let inTime = calls.all.filter {
            max($0.at, $0.answeredAt ?? $0.at) >= before && $0.at <= limit.at + Self.sendDelay && !$0.isRefused
        }
        let asked = inTime.filter { $0.names(unit) && $0.asksFor(limit) }
        if let last = asked.last { return byCall(last, asked, limit) }
        return byFile(limit, history, unit, inTime.filter { isReload($0, of: unit) })
    }

    /// A limit that is set below what is in use ends processes while the manager sets it, and is told of afterwards: the
    /// kill itself says what it had become.
    private func limit(at kill: OOMKill, _ history: TrackedUnit, _ unit: UnitID) -> TrackedUnit.MemoryLimit? {
        let told = history.memoryLimits.last { $0.at <= disruption.at }
        guard let reached = kill.oom.scope.limit, reached.name == unit.name, reached.limitKiB > 0,
            let state = history.state, state.type != nil
        else { return told }
        let later = history.memoryLimits.first { $0.at > disruption.at }
        let known = told.map(\.to) ?? later.map(\.from) ?? state.memoryMax
        guard reached.limitKiB + Self.largestPageKiB < (known ?? .max) / 1024 else { return told }
        return TrackedUnit.MemoryLimit(at: kill.event.time, from: known, to: reached.limitKiB * 1024)
    }

    /// Limits are rounded down to pages.
    private static let largestPageKiB: UInt64 = 64

    func isReload(_ call: ManagerCalls.Call, of unit: UnitID) -> Bool {
        call.request.verb == .reloadManager && call.request.manager == unit.manager
    }

    private func byCall(
        _ call: ManagerCalls.Call, _ all: [ManagerCalls.Call], _ limit: TrackedUnit.MemoryLimit
    ) -> LoweredLimit {
        let rivals = all.filter { party(of: $0.caller) != party(of: call.caller) }.compactMap(\.caller)
        return LoweredLimit(
            limit: limit, changer: call.caller, changedAt: call.at, confidence: rivals.isEmpty ? .proven : .possible,
            deed: call.deed, evidence: all.suffix(4).map { .call($0, self) }, rivals: rivals)
    }
}

extension ManagerCalls.Call {
    /// It sets that limit, not another property of the unit; by a share of the machine's memory (MemoryMaxScale), or to that.
    fileprivate func asksFor(_ limit: TrackedUnit.MemoryLimit) -> Bool {
        request.verb == .setProperties
            && request.properties.contains { property in
                ["MemoryMax", "MemoryMaxScale", "MemoryLimit", "MemoryLimitScale"].contains(property.name)
                    && (property.name.hasSuffix("Scale") || property.value.map(limit.became) ?? true)
            }
    }
}
