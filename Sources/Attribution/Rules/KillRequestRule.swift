import EventModel
import IncidentDetection
import ProcessTracking

/// Somebody had the manager send a signal to the subject (`systemctl kill`, `loginctl kill-*`), and it ended by that
/// signal. There is no job: the call, the manager's own signal of that number and the end are the chain.
enum KillRequestRule: Rule {
    static let id = "manager-request.kill"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let unit = disruption.unit, let victim = disruption.victim else { return nil }
        for sent in disruption.managerSignals(to: victim, until: disruption.disruption.at) {
            let calls = disruption.killCalls(for: unit, sent)
            guard let first = calls.first, let confidence = confidence(sent, disruption) else { continue }
            var request = Request(
                caller: first.caller, at: first.at, deed: first.deed, verb: first.request.verb, confidence: confidence,
                evidence: [.call(first, disruption)])
            if disruption.managers.isLogind(first.caller) { disruption.follow(first, into: &request) }
            return finding(request, sent, others: calls.dropFirst(), disruption)
        }
        return nil
    }

    private static func finding(
        _ request: Request, _ sent: SignalEvent, others: ArraySlice<ManagerCalls.Call>, _ disruption: DisruptionCase
    ) -> Finding {
        let rivals = others.filter { disruption.party(of: $0.caller) != disruption.party(of: request.caller) }
        let name = disruption.subject.name
        return Finding(
            rule: id, furtherRules: request.rules, mechanism: .managerRequest, actor: request.caller,
            actedAt: request.at, confidence: rivals.isEmpty ? request.confidence : .possible,
            act: request.caller == nil
                ? "\(name) was signalled on request: a process that was not seen \(request.deed)" : request.deed,
            evidence: request.evidence + [.signal(sent.event, sent.signal, disruption), .end(of: disruption)],
            alternatives: rivals.prefix(8).map {
                disruption.alternative($0.caller, "\(disruption.name($0.caller, at: $0.at)) \($0.deed) as well")
            } + request.rivals.map { disruption.alternative($0.process, $0.whyNot) },
            suspects: rivals.compactMap(\.caller) + request.rivals.compactMap(\.process))
    }

    /// Nil where that signal is not what ended it.
    private static func confidence(_ sent: SignalEvent, _ disruption: DisruptionCase) -> Confidence? {
        guard let status = disruption.disruption.status else { return .likely }
        if let fatal = status.signal { return fatal == sent.signal.signal ? .proven : nil }
        guard sent.signal.disposition == .handler, sent.signal.signal.asksToEnd,
            sent.isWithin(DisruptionCase.handedOn, before: disruption.disruption.at)
        else { return nil }
        return status.isSuccess || status.code == 128 + sent.signal.signal.rawValue ? .proven : .likely
    }
}

extension DisruptionCase {
    /// Calls for that very signal to the unit, or to what it is a part of, just before the manager sent it.
    func killCalls(for unit: UnitID, _ sent: SignalEvent) -> [ManagerCalls.Call] {
        let above = victim.flatMap { table[$0] }.flatMap { cgroups.path(of: $0.cgroup) }?.split(separator: "/") ?? []
        return calls.all.filter { call in
            guard call.request.verb == .kill, !call.isRefused, call.request.signal == sent.signal.signal,
                call.at <= sent.event.time + Self.sendDelay, call.at.distance(to: sent.event.time) <= .seconds(2),
                call.request.manager == managers.scope(of: sent.sender)
            else { return false }
            return call.names(unit) || call.request.units.contains { name in above.contains { $0 == name } }
        }
    }

    /// The signals of any service manager to that process.
    func managerSignals(to main: ProcessKey, until end: BootTime) -> [SignalEvent] {
        signals(to: main, until: end).filter {
            $0.signal.tookEffect && $0.signal.origin.hasSender && managers.scope(of: $0.sender) != nil
        }
    }

    /// A reading in which another process had asked.
    func alternative(_ process: ProcessKey?, _ whyNot: String, _ mechanism: Mechanism = .managerRequest) -> Alternative
    {
        Alternative(
            outcome: process.map { owner(of: $0).outcome } ?? .unknown, mechanism: mechanism,
            culprit: process.map { culprit($0) }, whyNot: whyNot)
    }
}
