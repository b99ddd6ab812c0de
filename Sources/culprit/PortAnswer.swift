import AgentRecognition
import Collector
import EventModel
import ProcessTracking
import Reporting

/// Who holds a port, and who was refused it, with the tree that each belongs to.
enum PortAnswer {
    static func render(
        port: UInt16, holders: [PortTable.Holding], refusals: [PortTable.Refusal], _ pipeline: borrowing Pipeline
    ) -> String {
        var lines: [String] = []
        for holding in holders {
            let state = holding.until != nil ? "held until it was closed" : holding.isListening ? "listens on" : "holds"
            let since = pipeline.provenance.wall(holding.since).rfc3339
            lines.append(describe(holding.holder, pipeline) + " \(state) " + address(holding.endpoint))
            lines.append("  since \(since)")
            lines += tree(holding.holder, pipeline)
        }
        for refusal in refusals.suffix(8) {
            let at = pipeline.provenance.wall(refusal.at).rfc3339
            lines.append(describe(refusal.process, pipeline) + " was refused " + address(refusal.endpoint))
            lines.append("  at \(at)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func describe(_ key: ProcessKey, _ pipeline: borrowing Pipeline) -> String {
        let comm = pipeline.table[key]?.comm ?? ""
        return "\(Visible.line(comm)) (pid \(key.pid))"
    }

    private static func address(_ endpoint: Endpoint) -> String { "\(endpoint.description)/\(endpoint.transport.name)" }

    private static func tree(_ key: ProcessKey, _ pipeline: borrowing Pipeline) -> [String] {
        let lineage = pipeline.table.lineage(of: key)
        let chain = lineage.reversed().map { "\(Visible.line($0.comm)) \($0.key.pid)" }.joined(separator: " > ")
        guard let tag = lineage.first?.tag, let membership = pipeline.agents[tag] else {
            return ["  \(chain)", "  no agent is above it"]
        }
        return ["  \(chain)", "  in the tree of \(Visible.line(membership.agent)) (pid \(membership.root.pid))"]
    }
}
