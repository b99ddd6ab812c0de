import Glibc

/// Keeps the daemon's own memory from being reclaimed: where the machine runs out of memory, a collector whose code must be
/// read from disk again comes too late to record why.
public enum ResidentMemory {
    /// `MCL_ONFAULT` (Linux 4.4), which Glibc's module does not import.
    private static let onFault: Int32 = 4

    /// What has been touched stays, and what will be touched does; nothing is read in ahead. Needs CAP_IPC_LOCK or a
    /// RLIMIT_MEMLOCK above all that the process maps (`LimitMEMLOCK=infinity`). 0, or an errno (mlockall(2)).
    public static func lock() -> Int32 {
        mlockall(Int32(MCL_CURRENT) | Int32(MCL_FUTURE) | onFault) == 0 ? 0 : errno
    }
}
