import EventModel
import IncidentDetection

/// Somebody asked the manager to stop or restart the subject, and the job of that request did it: call, answer and job
/// have one number.
enum ManagerRequestRule: Rule {
    static let id = "manager-request.job"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let stop = disruption.unitStop, !disruption.endedOtherwise(before: stop),
            let request = disruption.request(for: stop)
        else { return nil }
        var finding = disruption.finding(id, request, stop)
        // It was stopped for the request; that it did not come up again may be somebody else's doing.
        if disruption.disruption.kind == .failedToStart, let refusal = UnexplainedRefusal(disruption) {
            let confidence = min(finding.confidence, .likely)
            refusal.weaken(&finding, disruption)
            finding.confidence = confidence
        }
        return finding
    }
}

extension DisruptionCase {
    /// What the manager did for a request, with what may have been the cause as well.
    func finding(_ rule: String, _ request: Request, _ stop: UnitStop) -> Finding {
        let crash = signalsToVictim.filter {
            CrashRule.isFault($0, of: victim ?? host.collector) && $0.event.time > stop.at
        }
        return Finding(
            rule: rule, furtherRules: request.rules, mechanism: .managerRequest, actor: request.caller,
            actedAt: request.at, confidence: crash.isEmpty ? request.confidence : min(request.confidence, .likely),
            act: request.caller == nil
                ? "\(subject.name) was stopped on request: a process that was not seen \(request.deed)" : request.deed,
            evidence: request.evidence + stop.evidence + [.end(of: self)],
            alternatives: request.rivals.map { alternative($0.process, $0.whyNot) },
            suspects: request.rivals.compactMap(\.process))
    }

    /// Whether something else was at work before the manager was: a signal that does not let it live, or one that asks it
    /// to end and that it was still dealing with.
    func endedOtherwise(before stop: UnitStop) -> Bool {
        guard let status = disruption.status else { return false }
        return signalsToVictim.contains { sent in
            guard sent.signal.tookEffect, sent.event.time < stop.at,
                managers.scope(of: sent.sender) == nil || !sent.signal.origin.hasSender
            else { return false }
            if sent.signal.signal == status.signal, sent.signal.disposition != .handler { return true }
            return sent.signal.origin.hasSender && sent.signal.disposition == .handler
                && sent.signal.asksForNothingElse && !isVictim(sent.sender)
                && sent.isWithin(Self.handedOn, before: stop.at)
        }
    }
}
