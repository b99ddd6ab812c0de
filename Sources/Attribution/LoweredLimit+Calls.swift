import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// A limit that somebody asked a manager for, an hour ago at most.
extension DisruptionCase {
    /// Who asked for limits, or had files read, since long before the window.
    var limitCalls: ManagerCalls { ManagerCalls(configurationCalls.events(before: windowStart) + events, managers) }

    /// Whether no reload of that manager since then was missed.
    func areReloadsKnown(of manager: ManagerScope, since time: BootTime) -> Bool {
        time >= configurationCalls.completeSince(manager) ?? windowStart
            && !blindEarlierGaps.contains { $0.to >= time }
    }

    /// Observed: a call that sets that very limit, its answer, and that the limit then was that, by the manager's word or by
    /// the kernel's. Of a share of the machine's memory, and of what is not seen in full, the number is inferred.
    func byCall(
        _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, _ unit: UnitID, _ calls: [ManagerCalls.Call]
    ) -> LoweredLimit? {
        let former = history.memoryLimits.last { $0.at < limit.at }?.at ?? .zero
        let since = max(former, limit.at - LoweredLimit.recently)
        let setters = calls.filter { max($0.at, $0.answeredAt ?? $0.at) > since && $0.names(unit) && $0.setsLimit }
        guard let last = setters.lastIndex(where: { fits($0, limit, history) }) else { return nil }
        // What was asked for between two that fit was something else, and undid the first.
        let asked = Array(setters[...last].reversed().prefix { fits($0, limit, history) }.reversed())
        guard let call = asked.first(where: { $0.answer == .done }) ?? asked.last else { return nil }
        let rivals = asked.compactMap(\.caller).filter { rival in call.caller.map { !isOfOneTree($0, rival) } ?? true }
        let isAlone = rivals.isEmpty && asked.allSatisfy { $0.caller != nil }
        var confidence: Confidence = isAlone ? .proven : .possible
        if !isJustBefore(call, limit) {
            confidence = min(confidence, isWhole(call, limit, history, since: since) ? .proven : .likely)
        }
        return LoweredLimit(
            limit: limit, changer: call.caller, changedAt: call.at, tookEffectAt: call.at, confidence: confidence,
            deed: call.deed, evidence: asked.suffix(4).map { .call($0, self) }, rivals: rivals)
    }

    /// A manager answers when it has done it all: where that takes long, what it did last is what the call was about.
    func isJustBefore(_ call: ManagerCalls.Call, _ limit: TrackedUnit.MemoryLimit) -> Bool {
        max(call.at, call.answeredAt ?? call.at) >= limit.at - Self.toldWithin
    }

    private func fits(
        _ call: ManagerCalls.Call, _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit
    ) -> Bool {
        if call.states(limit) { return true }
        guard call.leavesOpen else { return false }
        // Without the number only the time links the two, or that nothing else is known to have been done.
        return isJustBefore(call, limit) || filesChanged(of: history, since: call.at, before: limit).isEmpty
    }

    private func filesChanged(
        of history: TrackedUnit, since: BootTime, before limit: TrackedUnit.MemoryLimit
    ) -> [TrackedUnit.FileChange] {
        history.fileChanges.filter { $0.mayMoveLimit && $0.at > since && $0.at <= limit.at + Self.logDelay }
    }

    /// Each link was seen, and nothing that may have come in between is missing.
    private func isWhole(
        _ call: ManagerCalls.Call, _ limit: TrackedUnit.MemoryLimit, _ history: TrackedUnit, since: BootTime
    ) -> Bool {
        let isUnbroken = !blindEarlierGaps.contains { $0.to >= call.at && $0.from <= limit.at }
        return call.answer == .done && call.states(limit) && isUnbroken
            && configurationCalls.forgottenUntil(call.request.manager ?? .system) <= since
            && filesChanged(of: history, since: since, before: limit).isEmpty
    }
}

extension ManagerCalls.Call {
    private static let limits: Set<String> = ["MemoryMax", "MemoryLimit"]
    private static let shares: Set<String> = ["MemoryMaxScale", "MemoryLimitScale"]

    private var properties: [ManagerCall.Property] { request.verb == .setProperties ? request.properties : [] }

    /// A limit, not another property of the unit.
    fileprivate var setsLimit: Bool {
        properties.contains { Self.limits.contains($0.name) || Self.shares.contains($0.name) }
    }

    /// To that very number.
    fileprivate func states(_ limit: TrackedUnit.MemoryLimit) -> Bool {
        guard let to = limit.to else { return false }
        return properties.contains { property in
            Self.limits.contains(property.name) && property.value.map { LoweredLimit.isSame($0, to) } ?? false
        }
    }

    /// To a share of the machine's memory, or to a number that was not seen.
    fileprivate var leavesOpen: Bool {
        properties.contains {
            Self.shares.contains($0.name) || (Self.limits.contains($0.name) && $0.value == nil)
        }
    }
}
