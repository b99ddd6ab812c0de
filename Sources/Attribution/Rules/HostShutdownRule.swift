import EventModel
import IncidentDetection

/// The host goes down or to sleep, everything else is stopped (isolate), or the user whose manager runs the subject has
/// left: the requester is whoever asked for that.
enum HostShutdownRule: Rule {
    static let id = "host-shutdown.requested"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let stop = disruption.unitStop, !disruption.endedOtherwise(before: stop) else { return nil }
        if let request = disruption.request(for: stop) {
            guard request.isOfHostOrLogout else { return nil }
            return finding(request, stop, disruption)
        }
        if let root = disruption.rootJob(of: stop), let request = disruption.request(for: root, stop) {
            guard root.isOfHost else { return nil }
            return finding(request, stop, disruption)
        }
        return disruption.atOnce(stop).map { finding($0, stop, disruption) }
    }

    private static func finding(_ request: Request, _ stop: UnitStop, _ disruption: DisruptionCase) -> Finding {
        var finding = disruption.finding(id, request, stop)
        finding.mechanism = .hostShutdown
        guard request.caller != nil else { return finding }
        finding.act = "\(request.deed), which stopped \(disruption.subject.name)"
        return finding
    }
}

extension Request {
    /// The call was about the host, or logind saw the last session of a user end.
    var isOfHostOrLogout: Bool {
        verb?.isOfHost == true || verb == .exit || rules.contains("logind.itself") || rules.contains("logind.logout")
    }
}

extension RootJob {
    var isOfHost: Bool {
        HostTargets.all.contains(root) || HostTargets.ofSleep.contains(root) || call.request.mode == "isolate"
    }
}

extension DisruptionCase {
    /// A forced end of the host or of the manager makes no job: everything is signalled at once.
    fileprivate func atOnce(_ stop: UnitStop) -> Request? {
        guard stop.job == nil else { return nil }
        let asked = calls.all.filter {
            isInTime($0, stop) && $0.at.distance(to: stop.at) <= Self.handedOn && !$0.isRefused
                && $0.request.manager == stop.unit.manager && ($0.request.verb.isOfHost || $0.request.verb == .exit)
        }
        guard let first = asked.first else { return nil }
        let others = asked.filter { party(of: $0.caller) != party(of: first.caller) }
        return Request(
            caller: first.caller, at: first.at, deed: first.deed, verb: first.request.verb,
            confidence: others.isEmpty ? .likely : .possible, evidence: [.call(first, self)],
            rivals: others.prefix(8).map {
                .init(process: $0.caller, whyNot: "\(name($0.caller, at: $0.at)) \($0.deed) as well")
            })
    }
}
