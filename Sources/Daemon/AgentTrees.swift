import AgentRecognition
import Attribution
public import Collector
import EventModel
import ProcessTracking
public import Reporting

/// The agents' process trees out of the table.
public enum AgentTrees {
    /// At most `limit` processes; a storm's dead are of no use on a screen.
    public static func forest(_ pipeline: borrowing Pipeline, includingEnded: Bool, limit: Int = 10_000) -> AgentForest
    {
        let table = pipeline.table
        let describer = ProcessDescriber(
            table: table, agents: pipeline.agents, cgroups: pipeline.cgroups,
            bootID: pipeline.provenance.host?.bootID ?? "")
        let members = table.all.filter { $0.tag != 0 && (includingEnded || $0.isAlive) }
            .sorted { ($0.key.start, $0.key.pid) < ($1.key.start, $1.key.pid) }
            .prefix(limit)
        let shown = Set(members.map(\.key))
        let processes = members.map { member in
            // The closest ancestor that is shown itself: one that has ended may be left out in between.
            (
                process: describer.describe(member.key),
                parent: table.lineage(of: member.key).dropFirst().first { shown.contains($0.key) }?.key
            )
        }
        let end = pipeline.provenance.last ?? .zero
        var parts: [ProcessKey: String] = [:]
        for member in members { parts[member.key] = member.image.flatMap { AgentPart.of($0.value) }?.rawValue }
        return AgentForest(processes, parts: parts, wallOffset: pipeline.provenance.wallOffset(at: end))
    }
}
