import EventModel
import IncidentDetection
import ProcessTracking

/// The subject exited by itself: an exit code, and nobody's signal asked for it.
enum ExitRule: Rule {
    static let id = "exit.own"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, let code = status.code, disruption.seesSignals,
            !disruption.endedBeforeRecording
        else {
            return nil
        }
        let asked = disruption.requestsToEnd
        // They may be why, although its end does not show it: whoever sent them is not accused, and not cleared.
        let rivals = asked.filter {
            $0.signal.asksForNothingElse || $0.isWithin(DisruptionCase.prompt, before: disruption.disruption.at)
        }
        let signals =
            asked.isEmpty
            ? "no process had sent it a signal that asks it to"
            : "the signals that it had been sent before and handles were not what it ended of, as far as can be told"
        let name = disruption.subject.name
        var finding = Finding(
            rule: id, mechanism: .exit, actor: disruption.victim, isSelf: true,
            confidence: !rivals.isEmpty ? .possible : asked.isEmpty ? .proven : .likely, restsOnSilence: true,
            act: "\(name) exited by itself with code \(code); \(signals)",
            evidence: [.end(of: disruption)], alternatives: asked.prefix(8).map { .request($0, disruption) },
            suspects: rivals.compactMap(\.sender))
        if let step = disruption.failedSetup {
            // Who took away what it needs, if anybody did, was not seen.
            finding.confidence = min(finding.confidence, .likely)
            finding.clearsNobody = true
            finding.act =
                "the manager could not set \(name) up, and its program was never run (code \(code): \(step)); why what "
                + "that needs was not there is not known"
        }
        UnexplainedRefusal(disruption)?.weaken(&finding, disruption)
        LostSocket(disruption)?.weaken(&finding, disruption)
        return finding
    }
}
