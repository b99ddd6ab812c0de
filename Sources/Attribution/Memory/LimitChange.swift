import EventModel
import IncidentDetection
import ProcessTracking

/// Somebody had the limit set anew, or all of them read again, shortly before the subject reached it: without that there may
/// have been room. What the limit was before is not known, so it is no more than possible.
struct LimitChange {
    let call: ManagerCalls.Call

    /// Nil where nobody did, as far as was seen.
    init?(before kill: OOMKill, _ disruption: DisruptionCase) {
        guard kill.oom.scope.limit != nil, let unit = disruption.subject.unit else { return nil }
        let change = disruption.calls.all.last { call in
            guard !call.isRefused, call.request.manager == unit.manager, call.at <= kill.event.time else {
                return false
            }
            switch call.request.verb {
            case .reloadManager: return true
            case .setProperties: return call.names(unit) && call.request.properties.contains { Self.isLimit($0.name) }
            default: return false
            }
        }
        guard let change else { return nil }
        call = change
    }

    private static func isLimit(_ property: String) -> Bool {
        property.hasPrefix("Memory") && property != "MemoryAccounting"
    }

    /// The subject is not all that fits any more.
    func weaken(_ finding: inout Finding, _ disruption: DisruptionCase) {
        let who = disruption.name(call.caller, at: call.at)
        finding.confidence = min(finding.confidence, .possible)
        finding.suspects += [call.caller].compactMap { $0 }
        finding.evidence.append(.call(call, disruption))
        finding.alternatives.append(
            Alternative(
                outcome: call.caller.map { disruption.owner(of: $0).outcome } ?? .unknown, mechanism: .configChange,
                whyNot: "\(who) \(call.deed) before; whether the limit was another until then is not known"))
        let note = "Not certain: \(who) \(call.deed) before, and what the limit was until then is not known."
        finding.note = [finding.note, note].compactMap { $0 }.joined(separator: " ")
    }
}
