public import EventModel

/// Where the files lie that say what a cgroup holds and uses: in the unified hierarchy, or in those of version 1 that stand
/// beside it. Of a unit they have the same path everywhere.
public struct CgroupControllers: Hashable, Sendable {
    /// Mount points; nil for a controller that is not there.
    var memory: Mount?
    var cpu: Mount?
    var io: Mount?
    /// The unified hierarchy, whatever controllers it has: pressure and `cpu.stat` are always there.
    var unified: String?

    struct Mount: Hashable, Sendable {
        var path: String
        var isUnified: Bool
    }

    /// Looks through `/proc/PID/mountinfo`, and `cgroup.controllers` of the unified root as `read` gives it.
    public init(mountinfo: ArraySlice<UInt8>, read: (_ path: String) -> [UInt8]?) {
        unified = CgroupHierarchy.find(inMountinfo: mountinfo).flatMap { $0.isUnified ? $0.mountPoint : nil }
        let names = unified.flatMap { read($0 + "/cgroup.controllers") } ?? []
        let own = Set(names[...].trimmed.words.map(\.text))
        func mount(_ name: String, _ former: String) -> Mount? {
            if own.contains(name), let unified { return Mount(path: unified, isUnified: true) }
            return CgroupHierarchy.find(controller: former, inMountinfo: mountinfo).map {
                Mount(path: $0, isUnified: false)
            }
        }
        memory = mount("memory", "memory")
        cpu = own.contains("cpu") ? unified.map { Mount(path: $0, isUnified: true) } : mount("cpuacct", "cpuacct")
        io = mount("io", "blkio")
    }

    /// Of the reader's own mount namespace.
    public init() {
        let mounts = try? Directory(path: "/proc").contents(of: "self/mountinfo", limit: 4 << 20)
        self.init(mountinfo: (mounts?.bytes ?? [])[...]) { path in FileText.read(path, limit: 4096) }
    }

    /// For a person: `memory by version 2, cpu by version 1`.
    public var summary: String {
        let parts = [("memory", memory), ("cpu", cpu), ("io", io)].compactMap { name, mount in
            mount.map { "\(name) by version \($0.isUnified ? 2 : 1)" }
        }
        return parts.isEmpty ? "no controller is mounted" : parts.joined(separator: ", ")
    }

    public var hasMemory: Bool { memory != nil }
    public var hasUnifiedMemory: Bool { memory?.isUnified ?? false }

    /// `memory.events` of that cgroup, whose change can be waited for; nil on version 1.
    public func memoryEvents(of path: String) -> String? {
        guard let memory, memory.isUnified else { return nil }
        return memory.path + path + "/memory.events"
    }

    /// Pids of those that are in the cgroup at `path` itself, not below it; the first some thousands.
    public func pids(in path: String) -> [Int32] {
        guard let memory, let text = Self.text(memory.path + path, "cgroup.procs") else { return [] }
        return Self.pids(text[...])
    }

    /// A last line without its newline was cut and is left out; 0 is somebody outside our pid namespace.
    static func pids(_ procs: Bytes) -> [Int32] {
        guard let end = procs.lastIndex(of: .newline) else { return [] }
        return procs[..<end].split(separator: .newline).compactMap { $0.decimal(Int32.self) }.filter { $0 > 0 }
    }

    /// What the cgroup at `path` (`/system.slice/web.service`) holds and uses. Limits and pressure change seldom, or matter
    /// seldom: `isFull` reads them as well.
    public func usage(of path: String, id: CgroupID, isFull: Bool) -> CgroupUsage {
        var usage = CgroupUsage(cgroup: id)
        if let memory { memory.isUnified ? readMemory(memory, path, &usage) : readFormerMemory(memory, path, &usage) }
        if let cpu {
            if cpu.isUnified {
                Self.readCPU(cpu.path + path, &usage)
            } else {
                usage.cpu = Self.text(cpu.path + path, "cpuacct.usage").flatMap { KeyedNumbers.single($0[...]) }.map {
                    $0 / 1000
                }
            }
        }
        if usage.cpu == nil, let unified { Self.readCPU(unified + path, &usage) }
        guard isFull else { return usage }
        if let io { usage.io = Self.io(io, path) }
        if let unified {
            usage.memoryStall = Self.stall(unified + path, "memory.pressure")
            usage.cpuStall = Self.stall(unified + path, "cpu.pressure")
            usage.ioStall = Self.stall(unified + path, "io.pressure")
        }
        return usage
    }

    private func readMemory(_ mount: Mount, _ path: String, _ usage: inout CgroupUsage) {
        let directory = mount.path + path
        usage.memory = Self.text(directory, "memory.current").flatMap { KeyedNumbers.single($0[...]) }
        guard usage.memory != nil else { return }
        usage.limit = Self.text(directory, "memory.max").flatMap { KeyedNumbers.single($0[...]) }
        guard let events = Self.text(directory, "memory.events") else { return }
        usage.events = Self.events(events[...])
    }

    static func events(_ text: Bytes) -> CgroupUsage.Events? {
        let values = KeyedNumbers.flat(text, ["high", "max", "oom", "oom_kill"])
        guard let high = values[0], let max = values[1], let oom = values[2], let kill = values[3] else { return nil }
        return CgroupUsage.Events(high: high, max: max, oom: oom, oomKill: kill)
    }

    private func readFormerMemory(_ mount: Mount, _ path: String, _ usage: inout CgroupUsage) {
        let directory = mount.path + path
        usage.memory = Self.text(directory, "memory.usage_in_bytes").flatMap { KeyedNumbers.single($0[...]) }
        guard usage.memory != nil else { return }
        // No limit is the largest number of pages.
        usage.limit = Self.text(directory, "memory.limit_in_bytes").flatMap { KeyedNumbers.single($0[...]) }
            .flatMap { $0 < 1 << 62 ? $0 : nil }
        let failures = Self.text(directory, "memory.failcnt").flatMap { KeyedNumbers.single($0[...]) }
        let kills = Self.text(directory, "memory.oom_control").flatMap { KeyedNumbers.flat($0[...], ["oom_kill"])[0] }
        guard failures != nil || kills != nil else { return }
        usage.events = .init(high: 0, max: failures ?? 0, oom: 0, oomKill: kills ?? 0)
    }

    /// Nobody is throttled where there is no controller.
    private static func readCPU(_ directory: String, _ usage: inout CgroupUsage) {
        guard let text = text(directory, "cpu.stat") else { return }
        let values = KeyedNumbers.flat(text[...], ["usage_usec", "throttled_usec"])
        (usage.cpu, usage.throttled) = (values[0], values[1])
    }

    private static func io(_ mount: Mount, _ path: String) -> CgroupUsage.IO? {
        if mount.isUnified { return text(mount.path + path, "io.stat").map { .parsing(ioStat: $0[...]) } }
        return text(mount.path + path, "blkio.throttle.io_service_bytes_recursive").map {
            .parsing(serviceBytes: $0[...])
        }
    }

    private static func stall(_ directory: String, _ name: String) -> Stall? {
        text(directory, name).flatMap { Pressure(parsing: $0[...]) }.map { Stall($0) }
    }

    private static func text(_ directory: String, _ name: String) -> [UInt8]? {
        FileText.read(directory + "/" + name, limit: 16 * 1024)
    }
}
