import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// A limit that a manager found in its files, when it was told to read them again.
extension DisruptionCase {
    /// Observed: who changed a file of the unit, what it said of memory then and before, and the reload that came next. That
    /// the limit came out of that file is inferred, but where it names that very number, and the manager names the file.
    func byFile(
        _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, _ unit: UnitID, _ reloads: [ManagerCalls.Call]
    ) -> LoweredLimit {
        let seen = fileChanges(of: history, before: limit)
        let moving = seen.filter(\.mayMoveLimit)
        let changes = candidates(moving, limit)
        let told = (seen.filter { !changes.contains($0) }.suffix(2) + changes.suffix(4)).sorted { $0.at < $1.at }
        let evidence: [Finding.Observation] =
            told.map { .fileChange($0, self) } + reloads.suffix(4).map { .call($0, self) }
        let involved = moving.compactMap(\.writer) + reloads.compactMap(\.caller)
        var lowered = LoweredLimit(
            limit: limit, changer: nil, changedAt: limit.at, confidence: .none,
            deed: changes.isEmpty && !seen.isEmpty
                ? "what was seen being changed of the unit's files does not lower it to that"
                : "who had it lowered is not known",
            evidence: evidence, rivals: involved, bystanders: seen.filter { !$0.mayMoveLimit }.compactMap(\.writer))
        guard let last = changes.last, let writer = writer(of: changes), wasRead(last, by: reloads, of: unit) else {
            return lowered
        }
        lowered.changer = writer
        lowered.changedAt = last.at
        lowered.deed = "\(last.step.verb) \(last.path)\(last.said)"
        lowered.rivals = involved.filter { party(of: $0) != party(of: writer) }
        let isAlone = lowered.rivals.isEmpty && moving.allSatisfy { $0.writer != nil }
        lowered.confidence = confidence(last, limit, history, isAlone: isAlone)
        return lowered
    }

    /// Where files name the very number, those; else whatever does not name another.
    private func candidates(
        _ moving: [TrackedUnit.FileChange], _ limit: TrackedUnit.MemoryLimit
    ) -> [TrackedUnit.FileChange] {
        let exact = moving.filter { change in
            change.states(limit) == .exactly && moving.last { $0.path == change.path } == change
        }
        return exact.isEmpty ? moving.filter { $0.states(limit) != .another } : exact
    }

    /// What was changed longer ago has been read since, as a rule: reloads are not known for much longer.
    private func fileChanges(
        of history: TrackedUnit, before limit: TrackedUnit.MemoryLimit
    ) -> [TrackedUnit.FileChange] {
        let former = history.memoryLimits.last { $0.at < limit.at }?.at ?? .zero
        let since = max(former, limit.at - LoweredLimit.recently)
        return history.fileChanges.filter { $0.at > since && $0.at <= limit.at + Self.logDelay }
    }

    /// The one party that made all of them; nil where there are several, or one was not seen.
    private func writer(of changes: [TrackedUnit.FileChange]) -> ProcessKey? {
        let writers = changes.compactMap(\.writer)
        guard writers.count == changes.count, Set(writers.map { party(of: $0) }).count == 1 else { return nil }
        return writers.last
    }

    /// A manager reads a file only when it is told to: without that, what changed the limit was not this. Where an earlier
    /// reload had read it, and the limit was what it was, it is something else that the later one read.
    private func wasRead(
        _ change: TrackedUnit.FileChange, by reloads: [ManagerCalls.Call], of unit: UnitID
    ) -> Bool {
        guard let reload = reloads.last?.at, change.at <= reload + Self.logDelay else { return false }
        return !limitCalls.all.contains { call in
            isReload(call, of: unit) && !call.isRefused && call.at > change.at && (call.answeredAt ?? call.at) < reload
        }
    }

    private func confidence(
        _ change: TrackedUnit.FileChange, _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, isAlone: Bool
    ) -> Confidence {
        // A reload that was not seen may have read it.
        guard areReloadsKnown(of: history.id.manager, since: change.at) else { return .possible }
        // Nobody else changed anything, none of it was missed, and the file did not say so before.
        let isWhole =
            isAlone && change.settingsBefore != nil
            && !(gaps + earlierGaps).contains { $0.source == Gap.unitFiles }
        let isLoaded = history.state?.files.contains(change.path) ?? false
        return isWhole && isLoaded && change.states(limit) == .exactly ? .proven : .likely
    }
}

extension TrackedUnit.FileChange {
    fileprivate enum Statement {
        /// That number, to the page.
        case exactly
        /// A number that is not what the limit became, or none at all.
        case another
        /// It was not read, says it otherwise, or gives way to what another file says.
        case unknown
    }

    fileprivate func states(_ limit: TrackedUnit.MemoryLimit) -> Statement {
        guard step != .removed, let ceiling = settings?.ceiling, let to = limit.to else { return .unknown }
        switch ceiling {
        case .share: return .unknown
        case .unlimited: return .another
        case .bytes(let bytes): return LoweredLimit.isSame(bytes, to) ? .exactly : .another
        }
    }

    /// What is known of what the file says: ` (MemoryMax=64M; MemoryMax=1G before)`.
    fileprivate var said: String {
        var parts: [String] = []
        if step != .removed, let settings { parts.append(settings.text.isEmpty ? "nothing of memory" : settings.text) }
        if let settingsBefore, settingsBefore != settings, !settingsBefore.text.isEmpty {
            parts.append("\(settingsBefore.text) before")
        }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
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
        var data: [String: Evidence.Value] = ["path": .text(change.path), "step": .text(change.step.name)]
        if let settings = change.settings { data["memory"] = .text(settings.text) }
        if let before = change.settingsBefore { data["memory_before"] = .text(before.text) }
        return Finding.Observation(
            at: change.at, source: .procfs, kind: "unit-file",
            text: "\(disruption.name(change.writer, at: change.at)) \(change.step.verb) \(change.path)\(change.said)",
            process: change.writer, data: data)
    }
}
