import EventModel
import IncidentDetection
import ProcessTracking

extension Finding.Observation {
    /// Since when somebody holds an address.
    static func holding(_ holder: PortHolder, _ disruption: DisruptionCase) -> Self {
        let holding = holder.holding
        let how = holding.isListening ? "listens on" : "took"
        let since = holding.source == .bpf ? "" : " since before the collector came"
        let heir =
            holder.process == holding.holder
            ? "" : ", which \(disruption.name(holding.holder, at: holding.since)) had opened"
        return Finding.Observation(
            at: holding.since, source: holding.source, kind: "port-held",
            text:
                "\(disruption.name(holder.process, at: holding.since)) \(how) \(holding.endpoint.text)\(since)\(heir)",
            process: holder.process, data: data(holding.endpoint))
    }

    /// A bind that nothing followed.
    static func refusal(_ refusal: PortTable.Refusal, _ disruption: DisruptionCase) -> Self {
        Finding.Observation(
            at: refusal.at, source: .bpf, kind: "bind-refused",
            text:
                "\(disruption.name(refusal.process, at: refusal.at)) asked for \(refusal.endpoint.text) and did not get it",
            process: refusal.process, data: data(refusal.endpoint))
    }

    private static func data(_ endpoint: Endpoint) -> [String: Evidence.Value] {
        [
            "address": .text(endpoint.description), "port": .integer(Int64(endpoint.port)),
            "transport": .text(endpoint.transport.name),
            "network_namespace": .integer(Int64(endpoint.networkNamespace)),
        ]
    }
}
