import EventModel
import ProcessTracking

extension DisruptionCase {
    /// The unit whose limit was reached: the one that was disrupted, or a slice that it is in. Where the kernel does not say
    /// which limit it was, its own is asked about. Nil for the machine's memory, and for the limit of something else.
    func limitedUnit(by kill: OOMKill) -> UnitID? {
        switch kill.oom.scope {
        case .global: nil
        case .unknown: unit
        case .cgroup(let limit): owner(of: limit, kill)
        }
    }

    private func owner(of limit: OOMVictim.Limit, _ kill: OOMKill) -> UnitID? {
        if let path = cgroups.path(of: limit.cgroup), path.split(separator: "/").last.map(String.init) == limit.name {
            return UnitID(ownCgroupPath: path)
        }
        // On version 1 the number is one of another hierarchy: then the name has to do, where it stands for one directory.
        if let unit, unit.name == limit.name { return unit }
        guard let path = (table[kill.victim]?.cgroup).flatMap({ cgroups.path(of: $0) }) else { return nil }
        let parts = path.split(separator: "/")
        let fitting = parts.indices.filter { parts[$0] == limit.name }
        guard let only = fitting.first, fitting.count == 1 else { return nil }
        return UnitID(ownCgroupPath: parts[...only].joined(separator: "/"))
    }
}

extension LoweredLimit {
    /// Whether both are one limit: the kernel rounds it down to its pages, of which the largest have 64 KiB.
    static func isSame(_ one: UInt64, _ other: UInt64) -> Bool { max(one, other) - min(one, other) < 65_536 }
}

extension OOMVictim.Limit {
    /// The largest number where it is none that can be told in bytes.
    var bytes: UInt64 {
        let (bytes, overflow) = limitKiB.multipliedReportingOverflow(by: 1024)
        return overflow ? .max : bytes
    }
}
