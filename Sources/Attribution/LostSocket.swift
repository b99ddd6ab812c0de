import EventModel
import IncidentDetection
import ProcessTracking

/// The subject ended by itself, and its own last words name another's UNIX socket, which had lost its name while that one
/// still listened there: it was removed, or taken by somebody else. Nothing that is recorded tells who removes a file.
struct LostSocket {
    let lost: UnixSocketTable.Holding
    /// Who has taken the name since, the last of them; nil where nobody was seen to.
    let taker: UnixSocketTable.Holding?

    static let rule = "socket.lost"
    /// Most lines in which the name is looked for, the latest.
    private static let mostLines = 32

    init?(_ disruption: DisruptionCase) {
        guard let unit = disruption.subject.unit, let victim = disruption.victim else { return nil }
        let (start, end) = (disruption.windowStart, disruption.disruption.at)
        let lines = disruption.ownLines(of: unit, since: max(start, victim.start)).suffix(Self.mostLines)
        guard !lines.isEmpty else { return nil }
        let lost = disruption.unixSockets.holdings { holding in
            guard let nameless = holding.namelessSince, nameless >= start, nameless <= end else { return false }
            return holding.goneAt.map { $0 > end } ?? true
                && holding.holder.map { !disruption.isOfSubject($0) } ?? true
                && lines.contains { DisruptionCase.names(holding.address, in: $0.text) }
        }
        guard let last = lost.last else { return nil }
        self.lost = last
        taker = disruption.unixSockets.holdings(of: last.address).last { holding in
            holding.socket != last.socket && holding.since > last.since && holding.since <= end
        }
    }

    /// That it was all the subject's own doing is not certain any more.
    func weaken(_ finding: inout Finding, _ disruption: DisruptionCase) {
        let listener = lost.holder.map { disruption.name($0, at: lost.since) } ?? "a process that is not known"
        let loss = "\(lost.address.name), on which \(listener) listened and which it names, had lost its name"
        finding.confidence = min(finding.confidence, .likely)
        finding.furtherRules.append(Self.rule)
        finding.clearsNobody = true
        finding.evidence += [lost, taker].compactMap { $0 }.map { .listening($0, disruption) }
        if let holder = taker?.holder {
            let who = disruption.name(holder, at: taker?.since ?? lost.since)
            finding.suspects.append(holder)
            finding.alternatives.append(
                disruption.alternative(holder, "\(loss): \(who) had taken it", .portConflict))
            finding.add(note: "Not certain: \(loss), which \(who) had taken.")
        } else {
            finding.alternatives.append(
                Alternative(
                    outcome: .unknown, mechanism: .portConflict, whyNot: "\(loss); who removed it is not recorded"))
            finding.add(note: "Not certain: \(loss); who removed it is not recorded.")
        }
    }
}
