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

    /// A limit that was lowered longer ago has been lived with.
    static let recently = Interval.seconds(3600)
}

extension DisruptionCase {
    /// So soon after the call the manager tells of the new limit.
    private static let toldWithin = Interval.seconds(10)

    /// The last change of that unit's MemoryMax= before that kill, where it lowered it.
    func loweredLimit(of unit: UnitID, before kill: OOMKill) -> LoweredLimit? {
        guard let history = units[unit], let limit = limit(at: kill, history), limit.isLowered,
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

    private func isReload(_ call: ManagerCalls.Call, of unit: UnitID) -> Bool {
        call.request.verb == .reloadManager && call.request.manager == unit.manager
    }

    /// An earlier reload had read it, and the limit was what it was: then it is something else that the later one read.
    private func wasRead(_ change: TrackedUnit.FileChange, before reload: BootTime, _ unit: UnitID) -> Bool {
        calls.all.contains { call in
            isReload(call, of: unit) && !call.isRefused && call.at > change.at && (call.answeredAt ?? call.at) < reload
        }
    }

    private func byCall(
        _ call: ManagerCalls.Call, _ all: [ManagerCalls.Call], _ limit: TrackedUnit.MemoryLimit
    ) -> LoweredLimit {
        let rivals = all.filter { party(of: $0.caller) != party(of: call.caller) }.compactMap(\.caller)
        return LoweredLimit(
            limit: limit, changer: call.caller, changedAt: call.at, tookEffectAt: call.at,
            confidence: rivals.isEmpty ? .proven : .possible, deed: call.deed, evidence: all.suffix(4).map { .call($0, self) }, rivals: rivals)
    }

    /// What is in the file is not read: that it was this one is inferred from its being the unit's.
    private func byFile(
        _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, _ unit: UnitID, _ reloads: [ManagerCalls.Call]
    ) -> LoweredLimit {
        // A manager reads a file only when it is told to: without that, what changed the limit was not this.
        let lastReload = reloads.last?.at
        // What was changed longer ago has been read since, as a rule: reloads are not known for so long.
        let former = max(history.memoryLimits.last { $0.at < limit.at }?.at ?? .zero, limit.at - LoweredLimit.recently)
        let changes = history.fileChanges.filter { $0.at > former && $0.at <= limit.at + Self.logDelay }
        let writers = changes.compactMap(\.writer)
        let evidence: [Finding.Observation] =
            changes.suffix(4).map { .fileChange($0, self) } + reloads.suffix(4).map { .call($0, self) }
        guard let last = changes.last, let writer = last.writer, writers.count == changes.count,
            let lastReload, last.at <= lastReload + Self.logDelay, !wasRead(last, before: lastReload, unit),
            Set(writers.map { party(of: $0) }).count == 1
        else {
            return LoweredLimit(
                limit: limit, changer: nil, changedAt: limit.at, confidence: .none,
                deed: "who changed the unit's files was not seen", evidence: evidence,
                rivals: writers + reloads.compactMap(\.caller))
        }
        let others = reloads.compactMap(\.caller).filter { party(of: $0) != party(of: writer) }
        return LoweredLimit(
            // Of reloads before the window nothing is known: one of them may have read it.
            limit: limit, changer: writer, changedAt: last.at, confidence: last.at < windowStart ? .possible : .likely,
            deed: "\(last.step.verb) \(last.path)", evidence: evidence, rivals: others)
    }
}

extension UnitFileChange.Step {
    var verb: String {
        switch self {
        case .written: "wrote"
        case .placed: "placed"
        case .removed: "removed"
        }
    }
}

extension Finding.Observation {
    static func fileChange(_ change: TrackedUnit.FileChange, _ disruption: DisruptionCase) -> Self {
        Finding.Observation(
            at: change.at, source: .procfs, kind: "unit-file",
            text: "\(disruption.name(change.writer, at: change.at)) \(change.step.verb) \(change.path)",
            process: change.writer, data: ["path": .text(change.path), "step": .text(change.step.name)])
    }
}

extension ManagerCalls.Call {
    /// It sets that limit, not another property of the unit; by a share of the machine's memory (MemoryMaxScale), or to that.
    fileprivate func asksFor(_ limit: TrackedUnit.MemoryLimit) -> Bool {
        request.verb == .setProperties
            && request.properties.contains { property in
                ["MemoryMax", "MemoryMaxScale", "MemoryLimit", "MemoryLimitScale"].contains(property.name)
                    && (property.name.hasSuffix("Scale") || property.isTo(limit.to))
            }
    }
}

extension ManagerCall.Property {
    /// To so many bytes, or it is not known to how many.
    fileprivate func isTo(_ bytes: UInt64?) -> Bool {
        guard let value else { return true }
        return bytes.map { LoweredLimit.isSame(value, $0) } ?? false
    }
}
