import EventModel
import IncidentDetection
import ProcessTracking

extension Finding.Observation {
    /// Since when somebody listens on a UNIX socket.
    static func listening(_ holding: UnixSocketTable.Holding, _ disruption: DisruptionCase) -> Self {
        let who = holding.holder.map { disruption.name($0, at: holding.since) } ?? "a process that is gone"
        let since = holding.source == .bpf ? "" : " since before the collector came"
        return Finding.Observation(
            at: holding.since, source: holding.source, kind: "socket-held",
            text: "\(who) listens on \(holding.address.name)\(since)", process: holding.holder,
            data: ["name": .text(holding.address.name), "socket": .text(String(holding.socket))])
    }

    /// The unit's own words.
    static func inUse(_ line: Event, _ disruption: DisruptionCase) -> Self {
        let message = if case .journal(let entry) = line.body { entry.message } else { "" }
        return Finding.Observation(
            at: line.time, source: .journal, kind: "in-use", text: "\(disruption.subject.name) logged: \(message)")
    }
}
