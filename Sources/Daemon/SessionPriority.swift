import Glibc

/// The priority of the daemon's session. Where the kernel shares CPU time out by session (sched(7), autogroup), a nice value
/// decides within it alone, and one session of a build's many counts as much as the daemon's.
public enum SessionPriority {
    /// Gives the session the nice value that the process has (`Nice=`), where that is a raised one. 0, or an errno: ENOENT
    /// where the kernel does not group by session, EPERM where RLIMIT_NICE does not allow it.
    public static func followProcess() -> Int32 {
        let nice = getpriority(Int32(PRIO_PROCESS.rawValue), 0)
        guard nice < 0 else { return 0 }
        let file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return errno }
        defer { close(file) }
        let text = Array("\(nice)".utf8)
        return write(file, text, text.count) == text.count ? 0 : errno
    }
}
