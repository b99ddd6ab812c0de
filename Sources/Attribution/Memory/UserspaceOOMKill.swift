import EventModel
import IncidentDetection
import ProcessTracking

/// A signal of a daemon that ends processes where memory runs short, which the disruption came of.
struct UserspaceOOMKill {
    var cause: SignalEvent
    /// Whom it was sent to.
    var victim: ProcessKey
    /// How it became the disruption.
    var way: OOMKill.Way
}

extension DisruptionCase {
    var userspaceOOMKill: UserspaceOOMKill? {
        if let victim, let cause = killersSignal(to: victim, endedAt: disruption.at, disruption.status) {
            return UserspaceOOMKill(cause: cause, victim: victim, way: .direct)
        }
        return unitUserspaceOOMKill
    }

    /// Another process of the unit was chosen, and its main process gave up by itself; or systemd-oomd chose one, which the
    /// manager is told.
    private var unitUserspaceOOMKill: UserspaceOOMKill? {
        guard let unit = subject.unit, disruption.kind != .degraded else { return nil }
        let result = resultOfEnd(unit) ?? disruption.systemd?.result
        let tree = SubjectTree(self)
        for target in memoryKillersTargets where !isVictim(target.key) {
            guard let exit = target.exit, exit.at <= disruption.at,
                exit.at + Self.stopping >= disruption.at,
                let cause = killersSignal(to: target.key, endedAt: exit.at, exit.status)
            else { continue }
            if tree.contains(target.key), disruption.systemd?.jobID == nil, requestsToEnd.isEmpty,
                mainGaveUp(after: exit.status?.signal, at: exit.at)
            {
                return UserspaceOOMKill(cause: cause, victim: target.key, way: .gaveUp)
            }
            if result == "oom-kill", isInUnit(target.key, unit) {
                return UserspaceOOMKill(cause: cause, victim: target.key, way: .unit)
            }
        }
        return nil
    }

    /// Whom such daemons sent something to, the first first.
    private var memoryKillersTargets: [TrackedProcess] {
        var seen: Set<ProcessKey> = []
        return events.compactMap { event in
            guard case .signal(let signal) = event.body, event.time <= disruption.at, isLethal(signal),
                isMemoryKiller(event.process), seen.insert(signal.target).inserted
            else { return nil }
            return table[signal.target]
        }
    }

    /// Its signal ended that process, or asked it to end.
    private func killersSignal(to target: ProcessKey, endedAt: BootTime, _ status: ExitStatus?) -> SignalEvent? {
        let sent = signals(to: target, until: endedAt).filter { isLethal($0.signal) }
        // Somebody else's signal before it may have been the cause.
        guard let first = sent.first, isMemoryKiller(first.sender), first.isWithin(.seconds(30), before: endedAt) else {
            return nil
        }
        guard let status else { return first }
        if let fatal = status.signal { return sent.contains { $0.signal.signal == fatal } ? first : nil }
        return first.signal.disposition == .handler ? first : nil
    }

    private func isLethal(_ signal: SignalSent) -> Bool {
        signal.tookEffect && signal.origin.hasSender && signal.origin != .outside
            && (signal.signal == .kill || signal.signal == .terminate)
    }
}
