import EventModel
import Glibc

/// One pass over the proc file system: its directory is open, and cgroups that were looked up once are remembered.
struct ProcPass: ~Copyable {
    let directory: Directory
    let markers: MarkerPatterns
    let hierarchy: CgroupHierarchy?
    private var cgroups: [CgroupMembership: CgroupID] = [:]

    init(_ procfs: ProcFS, markers: MarkerPatterns) throws(SystemCallError) {
        self.directory = try Directory(path: procfs.root)
        self.markers = markers
        self.hierarchy = procfs.cgroups
    }

    /// The ids of all processes, in the order of the directory.
    func pids() throws(SystemCallError) -> [Int32] {
        var pids: [Int32] = []
        try directory.forEachEntry { name, _ in
            if let pid = name.decimal(Int32.self), pid > 0 { pids.append(pid) }
            return true
        }
        return pids
    }

    /// Nil when there is no such process.
    func stat(of pid: Int32) throws(SystemCallError) -> ProcessStat? {
        try Self.stat(at: "\(pid)/stat", in: directory)
    }

    static func stat(at name: String, in directory: borrowing Directory) throws(SystemCallError) -> ProcessStat? {
        do throws(SystemCallError) {
            let contents = try directory.contents(of: name, limit: 4096)
            if let stat = ProcessStat(parsing: contents.bytes[...]) { return stat }
            throw SystemCallError.malformed(directory.path + "/" + name)
        } catch {
            if error.isGone { return nil }
            throw error
        }
    }

    /// The cgroup of the process whose directory this is; unknown where it cannot be told.
    mutating func cgroup(of process: borrowing Directory) -> CgroupID {
        guard let hierarchy, let contents = try? process.contents(of: "cgroup", limit: 64 * 1024),
            let membership = CgroupMembership(parsing: contents.bytes[...])
        else { return .unknown }
        if let id = cgroups[membership] { return id }
        let id = hierarchy.id(of: membership)
        cgroups[membership] = id
        return id
    }
}

extension SystemCallError {
    /// A file was read, but what it held is not what it should be.
    static func malformed(_ object: String) -> SystemCallError {
        SystemCallError(call: "parse", object: object, errno: EBADMSG)
    }
}
