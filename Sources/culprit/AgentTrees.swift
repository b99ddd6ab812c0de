import AgentRecognition
import Attribution
import Collector
import EventModel
import ProcessTracking
import Reporting

/// The agents' process trees out of the table.
enum AgentTrees {
    /// Most processes shown; a storm's dead are of no use on a screen.
    private static let limit = 10_000

    /// A chain of forks may be as long as it likes; what is deeper stands at this depth.
    private static let depthLimit = 128

    static func forest(_ pipeline: borrowing Pipeline, includingEnded: Bool) -> AgentForest {
        let members = pipeline.table.all.filter { $0.tag != 0 && (includingEnded || $0.isAlive) }.prefix(limit)
        var builder = Builder(
            table: pipeline.table,
            describer: ProcessDescriber(
                table: pipeline.table, agents: pipeline.agents, cgroups: pipeline.cgroups,
                bootID: pipeline.provenance.host?.bootID ?? ""))
        return builder.forest(of: ordered(Array(members)))
    }

    private static func ordered(_ processes: [TrackedProcess]) -> [TrackedProcess] {
        processes.sorted { ($0.key.start, $0.key.pid) < ($1.key.start, $1.key.pid) }
    }

    private struct Builder {
        let table: ProcessTable
        let describer: ProcessDescriber
        private var children: [ProcessKey: [TrackedProcess]] = [:]
        private var depths: [ProcessKey: Int] = [:]
        private var parents: [ProcessKey: ProcessKey] = [:]

        init(table: ProcessTable, describer: ProcessDescriber) {
            self.table = table
            self.describer = describer
        }

        /// `members` are ordered by start, so that whoever made a process comes before it.
        mutating func forest(of members: [TrackedProcess]) -> AgentForest {
            var tops: [TrackedProcess] = []
            for member in members {
                // The closest ancestor that is shown itself: one that has ended may be left out in between.
                let above = table.lineage(of: member.key).dropFirst().first { depths[$0.key] != nil }?.key
                guard let above, let depth = depths[above] else {
                    depths[member.key] = 0
                    tops.append(member)
                    continue
                }
                let parent = depth < AgentTrees.depthLimit ? above : parents[above] ?? above
                parents[member.key] = parent
                depths[member.key] = min(depth + 1, AgentTrees.depthLimit)
                children[parent, default: []].append(member)
            }
            return AgentForest(roots: tops.map(node))
        }

        private func node(_ process: TrackedProcess) -> AgentForest.Node {
            AgentForest.Node(process: describer.describe(process.key), children: (children[process.key] ?? []).map(node))
        }
    }
}
