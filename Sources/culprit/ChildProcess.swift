import EventModel
import Glibc

/// The command that a recording lasts as long as.
struct ChildProcess {
    let pid: pid_t

    /// Starts it, found in PATH.
    init(_ words: [String]) throws {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        argv.append(nil)
        defer { for word in argv { free(word) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, words.first ?? "", nil, &attributes, argv, environ)
        guard error == 0 else {
            throw Failure(
                code: .failed, what: words.first ?? "", why: "it cannot be started: \(String(cString: strerror(error)))"
            )
        }
        self.pid = pid
    }

    /// How it ended; nil while it runs.
    func status() -> ExitStatus? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return ExitStatus(rawValue: UInt32(bitPattern: status))
    }
}
