import EventModel
import IncidentDetection
import UnitTracking

/// That the manager ended the subject, since it had not heard from it in time.
struct Overdue {
    enum Kind {
        /// No answer to the watchdog.
        case watchdog
        /// No word that it was ready (TimeoutStartSec=), in a start that nobody had asked for by a restart.
        case start
    }

    var kind: Kind
    /// When the manager struck.
    var at: BootTime
    /// How long it had been given: WatchdogSec=, or since its start; nil where it is not known.
    var interval: Interval?
    /// The manager said so; else it follows from its signal.
    var isStated: Bool
    var evidence: [Finding.Observation]

    /// `did not answer its watchdog for 16 s`
    var deed: String {
        switch kind {
        case .watchdog: "did not answer its watchdog" + (interval.map { " for \(Int($0.seconds)) s" } ?? "")
        case .start:
            "was not ready" + (interval.map { " \(Int($0.seconds.rounded())) s after its start" } ?? " in time")
        }
    }

    /// `which then could not ...`
    var failing: String { kind == .watchdog ? "answer its watchdog" : "get ready in time" }
}

extension DisruptionCase {
    var overdue: Overdue? { watchdog ?? lateStart }

    /// A restart that somebody asked for is theirs, whatever becomes of it; and so is the end of a run before that others
    /// had a hand in.
    private var lateStart: Overdue? {
        guard let unit, let facts = disruption.systemd, let victim, let late = startTimeout,
            facts.run == nil ? !wasAskedToEnd(unit, since: victim.start) : unitStop?.job == nil,
            facts.run.map(endedByItself) ?? true
        else { return nil }
        return late
    }

    /// That the manager ended a start which was not done in time, whoever asked for it.
    var startTimeout: Overdue? {
        guard disruption.kind == .failedToStart, let unit, let victim else { return nil }
        let stated = failure("timeout", of: unit)
        guard stated != nil || endedWithResult("timeout", unit) else { return nil }
        let signal = managerSignals(to: victim, of: unit, until: disruption.at).first
        let end = signal?.event.time ?? disruption.at
        return Overdue(
            kind: .start, at: end, interval: victim.start < end ? victim.start.distance(to: end) : nil, isStated: true,
            evidence: [signal.map { .signal($0.event, $0.signal, self) }, stated.map { .journal($0, self) }].compactMap
            { $0 })
    }

    /// Before it ended: the job of the automatic restart that follows is nobody's.
    private func wasAskedToEnd(_ unit: UnitID, since start: BootTime) -> Bool {
        jobs[unit].contains { $0.isOfStop && $0.knownAt > start && $0.knownAt <= disruption.at }
            || calls.all.contains { call in
                call.names(unit) && call.request.verb.endsUnit && !call.isRefused && call.at > start
                    && call.at <= disruption.at
            }
    }

    private func endedByItself(_ run: UnitFacts.Run) -> Bool {
        guard let main = run.main else { return false }
        let sent = signals(to: main, until: run.endedAt).filter { $0.signal.tookEffect }
        let own = sent.filter { CrashRule.isFault($0, of: main) }
        if let fatal = run.status?.signal, !own.contains(where: { $0.signal.signal == fatal }) { return false }
        return !sent.contains { sent in
            sent.signal.origin.hasSender && sent.signal.signal != .continued
                && !own.contains { $0.event.time == sent.event.time && $0.signal == sent.signal }
        }
    }

    /// What the manager logged when it gave that unit up for that reason.
    private func failure(_ result: String, of unit: UnitID) -> Event? {
        events.last { event in
            guard case .journal(let entry) = event.body, entry.unit == unit, ManagerEntry(entry) == .failed
            else { return false }
            return entry["UNIT_RESULT"] == result && event.time >= disruption.at - Self.prompt
        }
    }

    private var watchdog: Overdue? {
        guard let unit else { return nil }
        let interval = units[unit]?.state?.watchdog
        let stated = failure("watchdog", of: unit)
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
        return Overdue(
            kind: .watchdog, at: signal?.event.time ?? disruption.at, interval: interval,
            isStated: stated != nil || endedWithResult("watchdog", unit),
            evidence: [signal.map { .signal($0.event, $0.signal, self) }, stated.map { .journal($0, self) }].compactMap
            { $0 })
    }

    /// What the manager made of the invocation that ended.
    func endedWithResult(_ result: String, _ unit: UnitID) -> Bool { resultOfEnd(unit) == result }

    /// Result= of the invocation that ended; nil where no source said it.
    func resultOfEnd(_ unit: UnitID) -> String? {
        let ended = units[unit]?.invocations.last { invocation in
            guard let main = invocation.main, let victim else { return invocation.end?.at == disruption.at }
            return main == victim || main.matches(tick: victim)
        }
        return ended?.result
    }
}
