import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

/// What markers in environments say where descent does not bear it out. Either may be wrong: a marker is left in a shell
/// or a unit, or set by anybody; an agent's program may be one that nobody has described. So it is stated, and a verdict
/// that one of the two speaks against is less sure.
struct MarkerEvidence {
    /// Id of what lowers the confidence; nil where descent is proof enough.
    var doubt: String?
    /// A sentence for the summary.
    var note: String?
    var alternative: Alternative

    private static let deepest = 64

    /// Nil where there is no such marker.
    static func of(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?) -> MarkerEvidence? {
        guard let actor = finding.actor, let owner, !finding.isSelf, owner.outcome != .`self` else { return nil }
        if owner.outcome == .agent, owner.agent?.recognisedBy == [Ground.env.rawValue] {
            return alone(owner, of: actor, finding, disruption)
        }
        guard let (process, claim) = unproven(actor, at: finding.actedAt, disruption) else { return nil }
        let name = disruption.name(process, at: finding.actedAt)
        let what = "the environment of \(name) has \(claim.variable), which \(claim.agent) gives to what it starts"
        // Work that somebody asked for has the environment of whatever made it.
        if let maker = maker(of: process, in: claim.agent, disruption) {
            return MarkerEvidence(
                alternative: Alternative(
                    outcome: .agent, mechanism: finding.mechanism,
                    whyNot: "\(what), and it was made by \(disruption.name(maker)) of \(claim.agent); but "
                        + owner.phrase))
        }
        let alternative = Alternative(
            outcome: .agent, mechanism: finding.mechanism,
            whyNot: "\(what); but by its descent it is \(owner.phrase), and no process of \(claim.agent) made it")
        // The innermost agent by descent stands: it may itself have been started where the marker was left.
        guard owner.outcome == .operator || owner.outcome == .system else {
            return MarkerEvidence(alternative: alternative)
        }
        return MarkerEvidence(
            doubt: "confidence.marker-disagrees",
            note: "Less sure by one step: \(what), though none was seen above it.", alternative: alternative)
    }

    /// An agent that nothing but a variable speaks for.
    private static func alone(
        _ owner: TreeOwner, of actor: ProcessKey, _ finding: Finding, _ disruption: DisruptionCase
    ) -> MarkerEvidence? {
        guard let agent = owner.agent, let root = owner.agentRoot else { return nil }
        let variable = disruption.agents.all.first { $0.root == root }?.variable ?? "a variable"
        let plain = disruption.ownerWithoutAgents(of: actor)
        let name = disruption.name(root)
        return MarkerEvidence(
            doubt: "confidence.marker-alone",
            note:
                "\(agent.name) is known by \(variable) in the environment alone: none of its programs was seen above "
                + "\(name).",
            alternative: Alternative(
                outcome: plain.outcome, mechanism: finding.mechanism,
                whyNot: "by descent alone it is \(plain.phrase); but \(name) was started with \(variable), which "
                    + "\(agent.name) gives to what it starts"))
    }

    /// The nearest that the agent owns of those that really made the process.
    private static func maker(
        of process: ProcessKey, in agent: String, _ disruption: DisruptionCase
    ) -> ProcessKey? {
        disruption.table.forkLineage(of: process).prefix(deepest).dropFirst().first { maker in
            disruption.agents.chain(from: maker.tag).contains { $0.agent == agent }
        }?.key
    }

    /// The nearest process on the way up whose environment names an agent that is none of its owners.
    private static func unproven(_ actor: ProcessKey, at time: BootTime?, _ disruption: DisruptionCase) -> (
        ProcessKey, MarkerReader.Claim
    )? {
        let owners = Set(disruption.agents.chain(from: disruption.table.tag(of: actor) ?? 0).map(\.agent))
        var moment = time
        for process in disruption.table.lineage(of: actor).prefix(deepest) {
            let image = moment.map { process.image(at: $0) } ?? process.image?.value
            if let claim = image.flatMap({ disruption.agents.reader.claim($0.markers) }) {
                return owners.contains(claim.agent) ? nil : (process.key, claim)
            }
            moment = process.key.start
        }
        return nil
    }
}

extension DisruptionCase {
    /// Whose tree it would be if no agent were known.
    func ownerWithoutAgents(of actor: ProcessKey) -> TreeOwner {
        let lineage = table.lineage(of: actor)
        return startedTree(lineage) ?? sessionTree(lineage) ?? housekeepingTree(lineage) ?? serviceTree(lineage)
            ?? unknownTree(lineage)
    }
}
