public import EventModel
import Glibc

/// The kernel's log from the moment of opening on, record by record (`/dev/kmsg`). Reading needs CAP_SYSLOG, or
/// `kernel.dmesg_restrict=0`.
public final class KernelLog {
    private let descriptor: Int32
    /// The kernel makes no record larger than this (CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX).
    private static let mostBytes = 8192
    private var buffer = [UInt8](repeating: 0, count: mostBytes)

    public init(path: String = "/dev/kmsg") throws(SystemCallError) {
        descriptor = try systemCall("open", path) { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        // Behind the last record.
        lseek(descriptor, 0, SEEK_END)
    }

    deinit { close(descriptor) }

    /// Hands out what has come since, no more than `most` records and for no longer than about `time`; the rest waits in
    /// the kernel, which writes over the oldest.
    public func read(most: Int, for time: Interval, _ body: (KernelLogRecord) -> Void) {
        let end = ProcFS.boottimeNow() + time
        for number in 1...max(1, most) {
            let count = Glibc.read(descriptor, &buffer, Self.mostBytes)
            if count > 0 {
                if let record = KernelLogRecord(parsing: buffer[..<count]) { body(record) }
            } else if count == 0 || (errno != EPIPE && errno != EINTR && errno != EINVAL) {
                return
            }
            // After EPIPE, written over, the next record is the oldest that is left; after EINVAL, too long, the next one.
            if number.isMultiple(of: 64), ProcFS.boottimeNow() >= end { return }
        }
    }
}

extension KernelLog {
    public static func opened() -> Result<KernelLog, SystemCallError> {
        do throws(SystemCallError) { return .success(try KernelLog()) } catch { return .failure(error) }
    }

    /// Whether it can be of use here, and if not, why. `log` is what opening it came to.
    public static func status(_ procfs: ProcFS, _ log: Result<KernelLog, SystemCallError>) -> SourceStatus {
        let name = "kernel-log"
        guard procfs.isInInitialPIDNamespace else {
            return SourceStatus(
                name: name, state: .missing, why: "it names processes by numbers of the initial pid namespace")
        }
        if case .failure(let error) = log {
            let remedy = error.errno == EPERM || error.errno == EACCES ? " (needs CAP_SYSLOG)" : ""
            return SourceStatus(
                name: name, state: .missing,
                why: "\(error.object): \(error.call): \(String(cString: strerror(error.errno)))\(remedy)")
        }
        guard procfs.listsTasksAtOOM else {
            return SourceStatus(
                name: name, state: .degraded, why: "the kernel lists no tasks at an OOM kill (vm.oom_dump_tasks=0)")
        }
        return SourceStatus(name: name, state: .active, why: "what the kernel lists at an OOM kill, by /dev/kmsg")
    }
}

extension ProcFS {
    /// The reader's pids are those that the kernel itself goes by. True where it cannot be told.
    public var isInInitialPIDNamespace: Bool {
        var status = stat()
        // A constant of the kernel's (PROC_PID_INIT_INO).
        return stat(root + "/self/ns/pid", &status) != 0 || status.st_ino == 0xEFFF_FFFC
    }

    /// `vm.oom_dump_tasks`; true where it cannot be read, as it is by default.
    var listsTasksAtOOM: Bool {
        guard let text = FileText.read(root + "/sys/vm/oom_dump_tasks", limit: 64) else { return true }
        return text[...].trimmed.decimal(Int32.self) != 0
    }
}
