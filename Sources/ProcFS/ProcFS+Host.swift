public import EventModel
import Glibc

extension ProcFS {
    /// The host, this boot of it, and the collector itself. A machine without a valid `/etc/machine-id` has an empty one.
    public func host(version: String) throws(SystemCallError) -> Host {
        let proc = try Directory(path: root)
        let bootID = "sys/kernel/random/boot_id"
        guard let boot = HostIdentifier.bootID(parsing: try proc.contents(of: bootID, limit: 4096).bytes[...]) else {
            throw .malformed(root + "/" + bootID)
        }
        let machine = try? Directory(path: etc).contents(of: "machine-id", limit: 4096).bytes
        guard let own = try ProcPass.stat(at: "self/stat", in: proc) else {
            throw SystemCallError(call: "open", object: root + "/self/stat", errno: ENOENT)
        }
        return Host(
            name: try Self.hostName(), machineID: machine.flatMap { HostIdentifier.machineID(parsing: $0[...]) } ?? "",
            bootID: boot, kernel: try Self.kernelRelease(), wallOffset: Self.wallOffset(), collector: own.key,
            version: version)
    }

    private static func hostName() throws(SystemCallError) -> String {
        let capacity = 256
        var name = [CChar](repeating: 0, count: capacity)
        try systemCall("gethostname", "") { gethostname(&name, capacity) }
        return name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))[...].text
    }

    private static func kernelRelease() throws(SystemCallError) -> String {
        var names = utsname()
        try systemCall("uname", "") { uname(&names) }
        return withUnsafeBytes(of: names.release) { Array($0)[...].prefix { $0 != 0 }.text }
    }
}

extension ProcFS {
    /// CLOCK_BOOTTIME now.
    public static func boottimeNow() -> BootTime { BootTime(nanoseconds: nanoseconds(CLOCK_BOOTTIME)) }

    /// CPU time that the calling thread has used: what something costs, however busy the machine is.
    public static func threadTime() -> Interval { Interval(nanoseconds: nanoseconds(CLOCK_THREAD_CPUTIME_ID)) }

    /// CLOCK_REALTIME minus CLOCK_BOOTTIME now.
    public static func wallOffset() -> WallOffset {
        WallOffset(nanoseconds: difference(CLOCK_REALTIME, CLOCK_BOOTTIME))
    }

    /// CLOCK_BOOTTIME minus CLOCK_MONOTONIC now: how long the machine has been suspended.
    public static func suspendedTime() -> Interval {
        Interval(nanoseconds: UInt64(clamping: difference(CLOCK_BOOTTIME, CLOCK_MONOTONIC)))
    }

    /// One clock minus the other. They cannot be read at once, so the one is read between two readings of the other;
    /// of a few attempts, the one in which these are closest counts.
    private static func difference(_ clock: clockid_t, _ base: clockid_t) -> Int64 {
        var best: (width: UInt64, value: Int64) = (.max, 0)
        for _ in 0..<5 {
            let before = nanoseconds(base)
            let value = nanoseconds(clock)
            let width = nanoseconds(base) &- before
            let middle = before &+ width / 2
            if width < best.width { best = (width, Int64(truncatingIfNeeded: value &- middle)) }
        }
        return best.value
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
