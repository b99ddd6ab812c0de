public import EventModel
public import ProcessTracking

/// The units of every manager that was heard of, each with its latest state and a short history, within two caps.
///
/// Beyond `capacity` units or `byteLimit` bytes the table forgets, in this order: units that do not run, those first that
/// were not heard of for longest; then the running ones in the same order. What it forgets is counted. A unit that was
/// forgotten comes back, without its past, with the next event that names it.
public struct UnitTable: Sendable {
    /// Most units kept.
    public let capacity: Int
    /// Most bytes: records, and the texts of states, each counted in full.
    public let byteLimit: Int
    public internal(set) var usedBytes = 0
    public internal(set) var forgotten: UInt64 = 0

    var units: [UnitID: TrackedUnit] = [:]
    /// Main processes that have not been seen to end, and a short while those that have; by pid, as one of a pid lives.
    var mains: [Int32: MainOf] = [:]

    struct MainOf: Hashable, Sendable {
        var key: ProcessKey
        var unit: UnitID
        var serial: UInt32
    }

    public init(capacity: Int = 4096, byteLimit: Int = 16 << 20) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    public var count: Int { units.count }

    public subscript(unit: UnitID) -> TrackedUnit? { units[unit] }

    /// In the order of manager and name.
    public var all: [TrackedUnit] {
        units.values.sorted { ($0.id.manager.order, $0.id.name) < ($1.id.manager.order, $1.id.name) }
    }

    /// The unit whose main process that is or was last, and its invocation.
    public func main(_ key: ProcessKey) -> (unit: UnitID, serial: UInt32)? {
        guard let found = mains[key.pid], found.key == key || found.key.matches(tick: key) else { return nil }
        return (found.unit, found.serial)
    }

    /// The unit of a process: the one whose main it is, or the one whose cgroup it is in.
    public func unit(of process: TrackedProcess, cgroups: CgroupTree) -> UnitID? {
        main(process.key)?.unit ?? cgroups.unitID(of: process.cgroup)
    }

    /// The unit of a process: the one whose main it is, or the one whose cgroup it is in.
    public func unit(of key: ProcessKey, processes: ProcessTable, cgroups: CgroupTree) -> UnitID? {
        main(key)?.unit ?? processes[key].flatMap { cgroups.unitID(of: $0.cgroup) }
    }

    /// Processes that are or were in the unit's cgroup and that the process table still knows, the main ones among them;
    /// the oldest start first. Looks at the whole table.
    public func processes(of unit: UnitID, in processes: ProcessTable, cgroups: CgroupTree) -> [TrackedProcess] {
        var isOfUnit: [CgroupID: Bool] = [:]
        let mains = Set(units[unit]?.invocations.compactMap(\.main) ?? [])
        return processes.all.filter { process in
            if mains.contains(process.key) { return true }
            if let known = isOfUnit[process.cgroup] { return known }
            let found = cgroups.unitID(of: process.cgroup) == unit
            isOfUnit[process.cgroup] = found
            return found
        }.sorted { ($0.key.start, $0.key.pid) < ($1.key.start, $1.key.pid) }
    }

    /// Units that say they go with `unit` by one of these relations.
    public func units(with kinds: Set<UnitState.Relation.Kind>, to unit: UnitID) -> [UnitID] {
        all.filter { other in
            other.id.manager == unit.manager
                && other.state?.relations.contains { kinds.contains($0.kind) && $0.other == unit.name } ?? false
        }.map(\.id)
    }
}

extension ManagerScope {
    /// The system's first, then by uid.
    var order: UInt64 { uid.map { UInt64($0) + 1 } ?? 0 }
}
