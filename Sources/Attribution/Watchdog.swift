import EventModel
import IncidentDetection
import UnitTracking

/// That the manager's watchdog ended the subject, since it had not heard from it in time.
struct Watchdog {
    /// When the manager struck.
    var at: BootTime
    /// WatchdogSec=; nil where it is not known.
    var interval: Interval?
    /// The manager said so; else it follows from its signal.
    var isStated: Bool
    var evidence: [Finding.Observation]
}

extension DisruptionCase {
    var watchdog: Watchdog? {
        guard let unit else { return nil }
        let interval = units[unit]?.state?.watchdog
        let stated = events.last { event in
            guard case .journal(let entry) = event.body, entry.unit == unit, ManagerEntry(entry) == .failed
            else { return false }
            return entry["UNIT_RESULT"] == "watchdog" && event.time >= disruption.at - Self.prompt
        }
        // SIGABRT unless WatchdogSignal= says otherwise.
        let signal = victim.flatMap { main in
            managerSignals(to: main, of: unit, until: disruption.at).first {
                stated != nil || $0.signal.signal == .abort
            }
        }
        guard
            stated != nil || endedWithResult("watchdog", unit)
                || (signal != nil && interval != nil && unitStop?.job == nil)
        else { return nil }
        if let signal, !killCalls(for: unit, signal).isEmpty { return nil }
        return Watchdog(
            at: signal?.event.time ?? disruption.at, interval: interval,
            isStated: stated != nil || endedWithResult("watchdog", unit),
            evidence: [signal.map { .signal($0.event, $0.signal, self) }, stated.map { .journal($0, self) }].compactMap
            { $0 })
    }

    /// What the manager made of the invocation that ended.
    func endedWithResult(_ result: String, _ unit: UnitID) -> Bool {
        let ended = units[unit]?.invocations.last { invocation in
            guard let main = invocation.main, let victim else { return invocation.end?.at == disruption.at }
            return main == victim || main.matches(tick: victim)
        }
        return ended?.result == result
    }
}
