import EventModel
import ProcessTracking

/// Tells service managers from other processes.
struct ServiceManagers {
    var table: ProcessTable
    var cgroups: CgroupTree

    func scope(of key: ProcessKey?) -> ManagerScope? { table.managerScope(of: key, cgroups) }

    /// A part of systemd's that pid 1 has started as its own service: `systemd-logind`.
    func isLogind(_ key: ProcessKey?) -> Bool {
        guard let process = key.flatMap({ table[$0] }), process.creator?.pid == 1 else { return false }
        return process.comm == "systemd-logind" && cgroups.unit(of: process.cgroup) == "systemd-logind.service"
    }
}
