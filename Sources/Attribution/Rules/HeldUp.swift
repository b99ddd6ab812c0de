import EventModel
import IncidentDetection
import ProcessTracking

/// The subject ended and runs again, and in between a start of it failed of an address that somebody else held. That is not
/// what ended it, but why it was away for longer: this adds it to a finding, and clears nobody of it.
enum HeldUp {
    static let id = "port.held-up"

    static func note(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard disruption.disruption.kind == .restarted, finding.mechanism != .portConflict,
            let failed = disruption.disruption.systemd?.failedStart
        else { return }
        var start = disruption
        start.detected.disruption.kind = .failedToStart
        start.detected.disruption.at = failed.at
        start.detected.disruption.status = failed.status
        guard let refused = start.refusedBind, let holder = refused.holders.first, !start.isOwn(holder),
            start.managers.scope(of: holder.process) == nil
        else { return }
        let (name, who) = (disruption.subject.name, disruption.name(holder.process, at: refused.refusal.at))
        finding.furtherRules.append(id)
        finding.suspects.append(holder.process)
        finding.evidence += [.holding(holder, start), .refusal(refused.refusal, start)]
        let note =
            "Before it came up again a start of it failed: \(who) held \(holder.holding.endpoint.text), "
            + "which \(name) was refused (\(start.owner(of: holder.process).phrase))."
        finding.add(note: note)
    }
}
