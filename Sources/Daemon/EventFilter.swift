import AgentRecognition
public import Collector
public import EventModel
import ProcessTracking
import UnitTracking

/// Which events somebody wants to see.
public struct EventFilter: Sendable {
    /// Only what this agent's trees do.
    public var agent: String?
    /// Only what such units and their processes do.
    public var unit: UnitPattern?

    public init(agent: String? = nil, unit: UnitPattern? = nil) {
        self.agent = agent
        self.unit = unit
    }

    /// Ask it after the pipeline has taken the event.
    public func accepts(_ event: Event, _ pipeline: borrowing Pipeline) -> Bool {
        guard agent != nil || unit != nil else { return true }
        if agent == nil, let unit, let told = event.unit { return unit.matches(told) }
        guard let process = event.process.flatMap({ pipeline.table[$0] }) else { return false }
        if let agent, !pipeline.agents.chain(from: process.tag).contains(where: { $0.agent == agent }) { return false }
        guard let unit else { return true }
        return pipeline.units.unit(of: process, cgroups: pipeline.cgroups).map { unit.matches($0) } ?? false
    }
}

extension Event {
    /// The unit that it tells something of.
    fileprivate var unit: UnitID? {
        switch body {
        case .unit(let state): state.unit
        case .job(let change): change.unit
        case .journal(let entry): entry.unit
        default: nil
        }
    }
}
