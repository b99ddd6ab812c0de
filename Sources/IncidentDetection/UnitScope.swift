public import EventModel
import ProcessTracking
import UnitTracking

/// Which units are production. What no pattern names by the beginning of its name is left out where it is somebody's
/// work of the moment: transient units, logins, the collector itself, and the units of agents.
public struct UnitScope: Sendable {
    public let patterns: [UnitPattern]
    /// Units that the agents' definitions name.
    public let agentUnits: [Glob]
    /// The collector's own process.
    public var collector: ProcessKey?

    public init(patterns: [UnitPattern], agentUnits: [Glob] = [], collector: ProcessKey? = nil) {
        self.patterns = patterns
        self.agentUnits = agentUnits
        self.collector = collector
    }

    /// `run-u12.service` of systemd-run; what a login makes and takes away again.
    private static let transient = ["run-", "user@", "user-runtime-dir@", "session-", "init.scope"]

    public func isWatched(_ unit: UnitID) -> Bool {
        guard let pattern = patterns.first(where: { $0.matches(unit) && $0.isSpecific }) ?? match(unit) else {
            return false
        }
        if pattern.isSpecific { return true }
        return !Self.transient.contains { unit.name.hasPrefix($0) } && !agentUnits.contains { $0.matches(unit.name) }
    }

    private func match(_ unit: UnitID) -> UnitPattern? { patterns.first { $0.matches(unit) } }

    /// The same, with what is known of its processes.
    func isWatched(_ unit: TrackedUnit, _ around: UnitDetector.Surroundings) -> Bool {
        guard isWatched(unit.id) else { return false }
        if patterns.contains(where: { $0.matches(unit.id) && $0.isSpecific }) { return true }
        if let collector, let own = around.processes[collector],
            around.units.unit(of: own, cgroups: around.cgroups) == unit.id
        {
            return false
        }
        // An agent that is a service of its own; what an agent merely asked the manager to start is not its tree.
        return !unit.invocations.contains { $0.main.flatMap { around.processes[$0]?.tag } ?? 0 != 0 }
    }
}
