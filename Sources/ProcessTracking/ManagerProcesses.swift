public import EventModel

/// Which processes are service managers.
extension ProcessTable {
    /// Whose manager it is: pid 1 is the system's; a user's is the `systemd` that pid 1 itself has started in
    /// `user@UID.service`. What runs below that has another parent, whatever it calls itself.
    public func managerScope(of key: ProcessKey?, _ cgroups: borrowing CgroupTree) -> ManagerScope? {
        guard let key else { return nil }
        if key.pid == 1 { return .system }
        guard let process = self[key], process.creator?.pid == 1, process.comm == "systemd",
            let uid = Self.userOfManager(cgroups.path(of: process.cgroup)), process.uid == nil || process.uid == uid
        else { return nil }
        return .user(uid)
    }

    /// `1000` for a cgroup in `user@1000.service`.
    private static func userOfManager(_ path: String?) -> UInt32? {
        path?.split(separator: "/").lazy.compactMap { name in
            name.hasPrefix("user@") && name.hasSuffix(".service")
                ? UInt32(name.dropFirst("user@".count).dropLast(".service".count)) : nil
        }.first
    }
}
