import EventModel
import IncidentDetection
import ProcessTracking

/// A process of the subject was refused an address and ended by itself soon after, and who held that address, if anybody
/// did, is not known: a connection that somebody makes takes a port as well, and that is not seen.
struct UnexplainedRefusal {
    let refusal: PortTable.Refusal
    /// Signs that it lived with that.
    let doubts: [String]

    static let rule = "port.refused"

    /// Nil where nothing was refused, where somebody held it, where its own socket was in the way, and where the unit says
    /// that it had no right to it, or that there is no such address.
    init?(_ disruption: DisruptionCase) {
        let end = disruption.disruption.at + DisruptionCase.logDelay
        guard disruption.refusedBind == nil,
            let last = disruption.ports.refusals.last(where: {
                $0.at <= end && $0.at >= disruption.windowStart && disruption.isOfSubject($0.process)
            }), let (at, status, _) = disruption.failure(of: last.process), last.at <= at,
            last.at.distance(to: at) <= DisruptionCase.givesUp
        else { return nil }
        let held = disruption.ports.holdings(against: last.endpoint, at: last.at)
        let taken = disruption.ports.taken(by: last.process, since: last.at, until: at)
        guard !held.contains(where: { $0.holder == last.process }),
            !taken.contains(where: { $0.endpoint.overlaps(last.endpoint) }),
            disruption.logged(of: last)?.reason != .notAllowed
        else { return nil }
        refusal = last
        doubts = disruption.doubts(last, at, status, took: taken.first, isGivenUp: false)
    }

    /// That it was all the subject's own doing is not certain any more.
    func weaken(_ finding: inout Finding, _ disruption: DisruptionCase) {
        let refused = "\(disruption.name(refusal.process, at: refusal.at)) was refused \(refusal.endpoint.text) before"
        finding.confidence = min(finding.confidence, doubts.isEmpty ? .possible : .likely)
        finding.furtherRules.append(Self.rule)
        // With two signs that it lived with the refusal nobody needs to have been in the way.
        finding.clearsNobody = doubts.count < 2
        finding.evidence.append(.refusal(refusal, disruption))
        finding.alternatives.append(
            Alternative(
                outcome: .unknown, mechanism: .portConflict,
                whyNot: "\(refused), and nobody was seen to hold it; the error was not recorded"))
        let note = "Not certain: \(refused), and who held it, if anybody did, is not known."
        finding.add(note: note)
    }
}
