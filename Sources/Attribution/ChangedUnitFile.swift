import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A start failed, or what it had started soon ended by itself, and since the unit's last good start somebody else had changed
/// a file of it that the manager may have read: then whoever asked for the start, or the unit itself, is not certain to be
/// why. What the file says is not known.
///
/// This names no culprit: it adds to a finding who may have been it as well.
enum ChangedUnitFile {
    static let id = "config.changed-file"
    /// What a file of the unit can be behind; an address that is held, or a limit that is reached, explains more.
    private static let mechanisms: Set<Mechanism> = [
        .managerRequest, .scheduled, .dependency, .exit, .crash, .watchdog,
    ]
    private static let mostNamed = 4

    static func weaken(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard disruption.disruption.kind == .failedToStart || disruption.endedSoon(finding),
            (mechanisms.contains(finding.mechanism) && finding.confidence > .none)
                || (finding.mechanism == .unknown && disruption.hadNoProcess)
        else { return }
        let changes = disruption.changesSinceGoodStart.filter { change in
            finding.isSelf || !disruption.isSameHand(change.writer, finding.actor)
        }
        guard let last = changes.last else { return }
        finding.confidence = min(finding.confidence, .likely)
        finding.furtherRules.append(id)
        finding.evidence += changes.suffix(mostNamed).map { Finding.Observation.fileChange($0, disruption) }
        finding.suspects += changes.compactMap(\.writer)
        // Then it may have been anybody.
        if changes.contains(where: { disruption.isForgotten($0.writer) }) { finding.clearsNobody = true }
        finding.alternatives += changes.suffix(mostNamed).map { change in
            disruption.alternative(
                change.writer,
                "\(deed(change, disruption)) before; what that changed, and whether it failed of it, is not known",
                .configChange)
        }
        let note =
            "\(finding.actor == nil ? "But" : "Not certain:") \(deed(last, disruption)) since \(disruption.subject.name) last came up, and what that changed is "
            + "not known."
        finding.add(note: note)
    }

    private static func deed(_ change: TrackedUnit.FileChange, _ disruption: DisruptionCase) -> String {
        "\(change.writer.map { disruption.name($0, at: change.at) } ?? "somebody") \(change.step.verb) \(change.path)"
    }
}

extension DisruptionCase {
    /// So soon after its start a run that ends by itself may end of what it was started with.
    private static let soon = Interval.seconds(60)

    fileprivate func endedSoon(_ finding: Finding) -> Bool {
        guard finding.isSelf, [.restarted, .failed, .stopped].contains(disruption.kind) else { return false }
        return victim.map { $0.start + Self.soon >= disruption.at } ?? false
    }

    /// Changes of the unit's files between its last good start and the one that is judged, as far as the manager may have
    /// read them.
    fileprivate var changesSinceGoodStart: [TrackedUnit.FileChange] {
        guard let unit = subject.unit, let history = unitHistory else { return [] }
        let failing = victim?.start ?? disruption.at
        let good = goodStart(before: failing, history)
        return history.fileChanges.compactMap { asked(for: $0, unit) }.filter { change in
            change.at > good && change.at <= failing + Self.logDelay
                && mayHaveRead(change, unit, history, before: failing)
        }
    }

    /// What a manager writes itself is the doing of whoever had it do so; nil where that was for something else (limits are
    /// looked at by themselves).
    private func asked(for change: TrackedUnit.FileChange, _ unit: UnitID) -> TrackedUnit.FileChange? {
        guard managers.scope(of: change.writer) != nil else { return change }
        let call = limitCalls.all.last { call in
            call.request.verb.changesFiles && call.names(unit) && !call.isRefused
                && call.at <= change.at + Self.sendDelay && call.at + Self.toldWithin >= change.at
        }
        guard let caller = call?.caller else { return nil }
        var change = change
        change.writer = caller
        return change
    }

    /// When the last run began that came up; the beginning of time where none is known.
    private func goodStart(before failing: BootTime, _ history: TrackedUnit) -> BootTime {
        if let run = disruption.systemd?.run?.main?.start, run < failing { return run }
        let known = history.invocations.last { run in
            // One of which no main process is known may be the one that ended.
            run.since < failing && run.main != victim && run.stayedUp
                && (run.main != nil || disruption.kind == .failedToStart)
        }
        return known.map { $0.main?.start ?? $0.since } ?? .zero
    }

    /// A manager reads files when it is told to, and those of a unit that it has not loaded when it needs it.
    private func mayHaveRead(
        _ change: TrackedUnit.FileChange, _ unit: UnitID, _ history: TrackedUnit, before failing: BootTime
    ) -> Bool {
        let isReloaded = limitCalls.all.contains { call in
            call.request.verb == .reloadManager && call.request.manager == unit.manager && !call.isRefused
                && (call.answeredAt ?? call.at) + Self.sendDelay >= change.at && call.at <= failing
        }
        if isReloaded { return true }
        // All since was seen, and the unit stayed loaded as it ran.
        let isSeen =
            change.at > windowStart
            ? !beganTooLate
            : change.at + LoweredLimit.recently >= disruption.at && areReloadsKnown(of: unit.manager, since: change.at)
        if isSeen, seesManagerCalls, disruption.systemd?.run != nil { return false }
        // A file that the manager does not know of by now was not read.
        guard change.step != .removed, let state = history.state, !state.files.isEmpty,
            history.stateAt.map({ $0 > change.at }) ?? false
        else { return true }
        return state.files.contains { $0.hasSuffix(change.name) }
    }

    fileprivate func isForgotten(_ key: ProcessKey?) -> Bool { key.flatMap { table[$0] } == nil }

    /// The same agent with all of its tree, or what one person or one part of the system did.
    fileprivate func isSameHand(_ key: ProcessKey?, _ other: ProcessKey?) -> Bool {
        guard let key, let other else { return false }
        if party(of: key) == party(of: other) { return true }
        let (own, others) = (owner(of: key), owner(of: other))
        guard own.outcome == others.outcome, own.outcome != .unknown, let root = own.chain.first?.key else {
            return false
        }
        return root == others.chain.first?.key
    }
}

extension ManagerCall.Verb {
    /// A manager does it by changing files of the units that are named; what it enables are links elsewhere.
    fileprivate var changesFiles: Bool { [.revert, .mask, .unmask, .link].contains(self) }
}

extension TrackedUnit.FileChange {
    /// `/prod.service`, `/prod.service.d/limit.conf`: folders are known by several names.
    fileprivate var name: String {
        let parts = path.split(separator: "/")
        let isDropIn = parts.dropLast().last?.hasSuffix(".d") ?? false
        return parts.suffix(isDropIn ? 2 : 1).reduce("") { "\($0)/\($1)" }
    }
}

extension Invocation {
    private static let soon = Interval.seconds(10)

    /// Some kinds of services count as up from their first moment on, and fail in the next.
    fileprivate var stayedUp: Bool {
        guard cameUp, let end else { return cameUp }
        return stoppingAt != nil || since.distance(to: end.at) >= Self.soon
    }
}
