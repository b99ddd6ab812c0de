import EventModel
import ProcessTracking

/// Tells service managers from other processes.
struct ServiceManagers {
    var table: ProcessTable
    var cgroups: CgroupTree

    /// Whose manager it is: pid 1 is the system's; a user's is the `systemd` that pid 1 itself has started in
    /// `user@UID.service`. What runs below that has another parent, whatever it calls itself.
    func scope(of key: ProcessKey?) -> ManagerScope? {
        guard let key else { return nil }
        if key.pid == 1 { return .system }
        guard let process = table[key], process.creator?.pid == 1, process.comm == "systemd",
            let uid = userOfManager(process.cgroup), process.uid == nil || process.uid == uid
        else { return nil }
        return .user(uid)
    }

    /// `1000` for a cgroup in `user@1000.service`.
    private func userOfManager(_ cgroup: CgroupID) -> UInt32? {
        cgroups.path(of: cgroup)?.split(separator: "/").lazy.compactMap { name in
            name.hasPrefix("user@") && name.hasSuffix(".service")
                ? UInt32(name.dropFirst("user@".count).dropLast(".service".count)) : nil
        }.first
    }

    /// A part of systemd's that pid 1 has started as its own service: `systemd-logind`.
    func isLogind(_ key: ProcessKey?) -> Bool {
        guard let process = key.flatMap({ table[$0] }), process.creator?.pid == 1 else { return false }
        return process.comm == "systemd-logind" && cgroups.unit(of: process.cgroup) == "systemd-logind.service"
    }
}
