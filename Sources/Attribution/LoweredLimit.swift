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

    private func isReload(_ call: ManagerCalls.Call, of unit: UnitID) -> Bool {
        call.request.verb == .reloadManager && call.request.manager == unit.manager
    }

    /// An earlier reload had read it, and the limit was what it was: then it is something else that the later one read.
    private func wasRead(_ change: TrackedUnit.FileChange, before reload: BootTime, _ unit: UnitID) -> Bool {
        limitCalls.all.contains { call in
            isReload(call, of: unit) && !call.isRefused && call.at > change.at && (call.answeredAt ?? call.at) < reload
        }
    }

    /// What is in the file is not read: that it was this one is inferred from its being the unit's.
    private func byFile(
        _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, _ unit: UnitID, _ reloads: [ManagerCalls.Call]
    ) -> LoweredLimit {
        // A manager reads a file only when it is told to: without that, what changed the limit was not this.
        let lastReload = reloads.last?.at
        // What was changed longer ago has been read since, as a rule: reloads are not known for much longer.
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
                deed: "who had it lowered is not known", evidence: evidence,
                rivals: writers + reloads.compactMap(\.caller))
        }
        let others = reloads.compactMap(\.caller).filter { party(of: $0) != party(of: writer) }
        return LoweredLimit(
            // A reload that was not seen may have read it.
            limit: limit, changer: writer, changedAt: last.at,
            confidence: areReloadsKnown(of: unit.manager, since: last.at) ? .likely : .possible,
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
