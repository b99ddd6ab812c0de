import EventModel
import IncidentDetection
import UnitTracking

/// The manager gave the subject up: it had been started too often. Where all those starts were its own automatic ones, it
/// ended by itself each time.
enum StartLimitRule: Rule {
    static let id = "exit.start-limit"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let unit = disruption.unit, let facts = disruption.disruption.systemd, disruption.seesSignals,
            let limit = disruption.events.last(where: { isLimit($0, unit, disruption) })
        else { return nil }
        let asked = disruption.calls.all.filter {
            $0.names(unit) && !$0.jobs.isEmpty && $0.at <= limit.time + DisruptionCase.sendDelay
                && ($0.request.verb.startsUnit || $0.request.verb.endsUnit)
        }
        guard facts.wasAutomatic || facts.failedStarts > 1, let main = disruption.victim ?? facts.run?.main else {
            return nil
        }
        return Finding(
            rule: id, mechanism: .exit, actor: main, isSelf: true, confidence: asked.isEmpty ? .likely : .possible,
            restsOnSilence: true,
            act: "\(disruption.subject.name) ended again and again, and the manager gave up starting it",
            evidence: [.journal(limit, disruption), .end(of: disruption)],
            alternatives: asked.prefix(8).map {
                disruption.alternative($0.caller, "\(disruption.name($0.caller, at: $0.at)) \($0.deed) in that time")
            },
            suspects: asked.compactMap(\.caller))
    }

    private static func isLimit(_ event: Event, _ unit: UnitID, _ disruption: DisruptionCase) -> Bool {
        guard case .journal(let entry) = event.body, entry.unit == unit, ManagerEntry(entry) == .failed
        else { return false }
        return entry["UNIT_RESULT"] == "start-limit-hit"
    }
}
