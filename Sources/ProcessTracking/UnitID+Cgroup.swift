public import EventModel

extension UnitID {
    /// The unit whose cgroup that is, or is within: `/system.slice/web.service/worker` is the system's `web.service`,
    /// `/user.slice/user-1000.slice/user@1000.service/app.slice/web.service` that of user 1000's manager. Nil for a slice
    /// and for the root. What runs below a unit (a container with a systemd of its own) belongs to that unit.
    public init?(cgroupPath: String) {
        var manager = ManagerScope.system
        var last: Substring?
        for part in cgroupPath.split(separator: "/") {
            // A name that the kernel would take for one of its own files is escaped by one `_` (cg_escape of systemd).
            let name = part.hasPrefix("_") ? part.dropFirst() : part
            guard name.hasSuffix(".service") || name.hasSuffix(".scope") else { continue }
            last = name
            guard manager == .system, let uid = Self.managedUser(name) else { break }
            manager = .user(uid)
        }
        guard let last else { return nil }
        // Processes directly in the service of a user's manager are the system's unit.
        if Self.managedUser(last) != nil { manager = .system }
        self.init(manager: manager, name: String(last))
    }

    /// The unit whose own cgroup that is, be it a slice: `/user.slice/user-1000.slice` is the system's, what lies below
    /// `user@1000.service` that of user 1000's manager. Nil for the root, and for what lies within a unit.
    public init?(ownCgroupPath path: String) {
        var manager = ManagerScope.system
        var unit: UnitID?
        for part in path.split(separator: "/") {
            let name = part.hasPrefix("_") ? part.dropFirst() : part
            // A leaf of the manager's: nothing below it is a unit.
            if let unit, !unit.name.hasSuffix(".slice"), Self.managedUser(unit.name[...]) == nil { return nil }
            unit = UnitID(manager: manager, name: String(name))
            if name.hasSuffix(".slice") { continue }
            guard name.hasSuffix(".service") || name.hasSuffix(".scope") else { return nil }
            guard let uid = Self.managedUser(name) else { continue }
            // A user's manager has no users of its own.
            guard manager == .system else { return nil }
            manager = .user(uid)
        }
        guard let unit else { return nil }
        self = unit
    }

    /// 1000 for `user@1000.service`.
    private static func managedUser(_ name: Substring) -> UInt32? {
        guard name.hasPrefix("user@"), name.hasSuffix(".service") else { return nil }
        return UInt32(name.dropFirst("user@".count).dropLast(".service".count))
    }
}

extension CgroupTree {
    /// The unit that a process in that cgroup belongs to; nil where the cgroup is not known or is no unit's.
    public func unitID(of id: CgroupID) -> UnitID? { path(of: id).flatMap { UnitID(cgroupPath: $0) } }
}
