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
