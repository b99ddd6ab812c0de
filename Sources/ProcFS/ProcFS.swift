public import EventModel

/// The running system by its proc file system: processes, cgroups, host.
public struct ProcFS: Hashable, Sendable {
    /// Where the proc file system is mounted.
    public var root: String
    /// Where the machine's configuration is.
    public var etc: String
    /// The hierarchy in which cgroups are looked up; nil where none is mounted, and then their ids are unknown.
    public var cgroups: CgroupHierarchy?

    public init(root: String, etc: String = "/etc", cgroups: CgroupHierarchy?) {
        self.root = root
        self.etc = etc
        self.cgroups = cgroups
    }

    /// With the cgroup hierarchy that the reader's own mount namespace shows (`/proc/self/mountinfo`).
    public init(root: String = "/proc", etc: String = "/etc") {
        let mounts = try? Directory(path: root).contents(of: "self/mountinfo", limit: Self.mountinfoLimit)
        self.init(root: root, etc: etc, cgroups: mounts.flatMap { CgroupHierarchy.find(inMountinfo: $0.bytes[...]) })
    }

    private static let mountinfoLimit = 4 << 20

    /// One process as a `.seen` event, or nil when there is none of that pid (any more).
    public func process(_ pid: Int32, at time: BootTime, markers: MarkerPatterns = [])
        throws(SystemCallError) -> Event?
    {
        var pass = try ProcPass(self, markers: markers)
        return try pass.details(of: pid)?.seen(at: time)
    }

    /// Every cgroup as a `.cgroup(.made)` event, each after its parent; the root's name is empty. Empty without a hierarchy.
    public func cgroupTree(at time: BootTime) throws(SystemCallError) -> Scan {
        try cgroups?.tree(at: time) ?? Scan()
    }
}
