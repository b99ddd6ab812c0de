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
            lines.append("\(describe(holding.holder, pipeline)) \(state) \(holding.endpoint.description)/\(holding.endpoint.transport.name)")
            lines.append("  since \(pipeline.provenance.wall(holding.since).rfc3339)")
            lines += tree(holding.holder, pipeline)
        }
        for refusal in refusals.suffix(8) {
            lines.append("\(describe(refusal.process, pipeline)) was refused \(refusal.endpoint.description)/\(refusal.endpoint.transport.name)")
            lines.append("  at \(pipeline.provenance.wall(refusal.at).rfc3339)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func describe(_ key: ProcessKey, _ pipeline: borrowing Pipeline) -> String {
        "\(Visible.line(pipeline.table[key]?.comm ?? "")) (pid \(key.pid))"
    }

    private static func tree(_ key: ProcessKey, _ pipeline: borrowing Pipeline) -> [String] {
        let chain = pipeline.table.lineage(of: key).reversed().map { "\(Visible.line($0.comm)) \($0.key.pid)" }
        let tag = pipeline.table[key]?.tag ?? 0
        let agent = pipeline.agents[tag].map { "in the tree of \(Visible.line($0.agent)) (pid \($0.root.pid))" } ?? "no agent is above it"
        return ["  \(chain.joined(separator: " > "))", "  \(agent)"]
    }
}
