import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// Somebody had the limit that was reached, the subject's own or that of a slice, set anew shortly before, and the manager
/// has not told what it was until then: without that there may have been room, so it is no more than possible.
struct LimitChange {
    let call: ManagerCalls.Call

    /// Nil where nobody did, as far as was seen, or where what the manager told of it is judged for itself.
    init?(before kill: OOMKill, _ disruption: DisruptionCase) {
        guard kill.oom.scope.limit != nil, let limited = disruption.limitedUnit(by: kill) else { return nil }
        let change = disruption.calls.all.last { call in
            call.request.verb == .setProperties && call.names(limited) && !call.isRefused && call.at <= kill.event.time
                && call.request.properties.contains { Self.isLimit($0.name) }
        }
        let told = disruption.units[limited]?.memoryLimits.last { $0.at <= kill.event.time }
        guard let change, told.map({ $0.at < change.at }) ?? true else { return nil }
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
        finding.add(note: note)
    }
}
