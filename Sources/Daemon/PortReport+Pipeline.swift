import AgentRecognition
public import Collector
import EventModel
import ProcessTracking
public import Reporting

extension PortReport {
    /// Refusals that are shown, the latest.
    private static let mostRefusals = 8

    public init(port: UInt16, _ pipeline: borrowing Pipeline) {
        let holders = pipeline.ports.holders(ofPort: port)
        let refusals = pipeline.ports.refusals.filter { $0.endpoint.port == port }.suffix(Self.mostRefusals)
        self.init(port: port, entries: [])
        for holding in holders { entries.append(Self.entry(holding, pipeline)) }
        for refusal in refusals {
            entries.append(
                Entry(
                    relation: .refused, process: Self.step(refusal.process, pipeline),
                    address: Self.address(refusal.endpoint), at: pipeline.provenance.wall(refusal.at)))
        }
    }

    private static func entry(_ holding: PortTable.Holding, _ pipeline: borrowing Pipeline) -> Entry {
        let lineage = pipeline.table.lineage(of: holding.holder)
        return Entry(
            relation: holding.until != nil ? .held : holding.isListening ? .listens : .holds,
            process: step(holding.holder, pipeline), address: address(holding.endpoint),
            at: pipeline.provenance.wall(holding.since),
            lineage: lineage.reversed().map { Step(name: $0.comm, pid: $0.key.pid) },
            agent: lineage.first.flatMap { pipeline.agents[$0.tag] }.map { Step(name: $0.agent, pid: $0.root.pid) })
    }

    private static func step(_ key: ProcessKey, _ pipeline: borrowing Pipeline) -> Step {
        Step(name: pipeline.table[key]?.comm ?? "", pid: key.pid)
    }

    private static func address(_ endpoint: Endpoint) -> String { "\(endpoint.description)/\(endpoint.transport.name)" }
}
