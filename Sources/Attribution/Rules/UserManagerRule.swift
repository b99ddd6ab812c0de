import EventModel
import IncidentDetection
import ProcessTracking

/// The user's manager that runs the subject was itself ended: the subject went with it, and who ended the manager did it.
enum UserManagerRule: Rule {
    static let id = "dependency.user-manager"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let unit = disruption.unit, let uid = unit.manager.uid, let stop = disruption.unitStop,
            !disruption.endedOtherwise(before: stop), disruption.request(for: stop) == nil,
            disruption.rootJob(of: stop) == nil, let manager = disruption.manager(of: uid)
        else { return nil }
        return bySystem(uid, manager, stop, disruption) ?? bySignal(manager, stop, disruption)
    }

    /// The system's manager stopped `user@UID.service`: the requester of that.
    private static func bySystem(
        _ uid: UInt32, _ manager: ProcessKey, _ stop: UnitStop, _ disruption: DisruptionCase
    ) -> Finding? {
        let service = UnitID(manager: .system, name: "user@\(uid).service")
        guard let above = disruption.stop(of: service, main: manager, until: disruption.disruption.at) else {
            return nil
        }
        let root = disruption.rootJob(of: above)
        guard let request = disruption.request(for: above) ?? root.flatMap({ disruption.request(for: $0, above) })
        else { return nil }
        var finding = disruption.finding(id, request, stop)
        finding.evidence.insert(contentsOf: above.evidence, at: request.evidence.count)
        finding.mechanism = mechanism(request, root)
        if request.caller != nil {
            finding.act =
                request.rules.contains("logind.itself")
                ? "stopped the manager of user \(uid), whose last session was over, and \(disruption.subject.name) with it"
                : "\(request.deed), and \(disruption.subject.name), which user \(uid)'s manager runs, went with it"
        }
        return finding
    }

    private static func mechanism(_ request: Request, _ root: RootJob?) -> Mechanism {
        if request.isOfHostOrLogout || root?.isOfHost == true { return .hostShutdown }
        return request.verb?.isOfLogin == true ? .managerRequest : .dependency
    }

    /// SIGTERM and SIGRTMIN+24 make a user's manager stop all that it runs (systemd(1)).
    private static func bySignal(_ manager: ProcessKey, _ stop: UnitStop, _ disruption: DisruptionCase) -> Finding? {
        let sent = disruption.signals(to: manager, until: stop.at).filter {
            $0.signal.tookEffect && $0.signal.origin.hasSender && disruption.managers.scope(of: $0.sender) == nil
                && ($0.signal.signal == .terminate || $0.signal.signal.rawValue == 58)
                && $0.isWithin(DisruptionCase.handedOn, before: stop.at)
        }
        guard let first = sent.first else { return nil }
        return Finding(
            rule: id, mechanism: .signal, actor: first.sender, actedAt: first.event.time,
            confidence: disruption.parties(sent).count > 1 ? .possible : .likely,
            act:
                "sent \(first.signal.signal.name) to the manager that runs \(disruption.subject.name), which stopped all of its units",
            evidence: [.signal(first.event, first.signal, disruption)] + stop.evidence + [.end(of: disruption)],
            suspects: sent.compactMap(\.sender))
    }
}

extension DisruptionCase {
    /// The process that is or last was that user's manager.
    func manager(of uid: UInt32) -> ProcessKey? {
        table.all.filter { $0.key.start <= disruption.at && managers.scope(of: $0.key) == .user(uid) }
            .max { $0.key.start < $1.key.start }?.key
    }
}
