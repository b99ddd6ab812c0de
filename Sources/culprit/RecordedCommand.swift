import EventModel
import Glibc

/// The command that a recording lasts as long as. It is left as `perf record` and `strace` leave theirs: whoever ends the
/// recorder ends the command too, and its exit is the recorder's.
final class RecordedCommand {
    private let pid: pid_t
    private let name: String
    /// How it ended; nil while it runs.
    private(set) var status: ExitStatus?
    /// It was asked to end because the time was over, so that how it ended is nobody's news.
    private var isOverdue = false
    private var askedAt: UInt64?
    private var hasToldWhy = false

    /// What is asked to end has so long before it is killed, where the time is over; and so long before a person is told
    /// what is waited for; in nanoseconds of CLOCK_MONOTONIC.
    private static let (grace, quiet): (UInt64, UInt64) = (5_000_000_000, 2_000_000_000)

    /// Starts it, found in PATH.
    init(_ words: [String]) throws {
        name = words.first ?? ""
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
        let error = posix_spawnp(&pid, name, nil, &attributes, argv, environ)
        guard error == 0 else { throw Failure.cannotStart(name, errno: error) }
        self.pid = pid
    }

    /// Looks whether it has ended.
    func look() {
        var status: Int32 = 0
        guard self.status == nil, waitpid(pid, &status, WNOHANG) == pid else { return }
        self.status = ExitStatus(rawValue: UInt32(bitPattern: status))
    }

    /// Hands on what the recorder was told. The terminal tells all of a foreground group by itself. A second one means
    /// that waiting is over.
    func handOn(_ caught: StopSignals.Caught) {
        guard status == nil else { return }
        guard askedAt == nil else { return kill(SIGKILL) }
        askedAt = MonotonicClock.now()
        if !caught.isFromKernel || getpgid(pid) != getpgrp() { kill(caught.number) }
    }

    /// The recording has lasted as long as it was to.
    func endInTime() {
        guard status == nil, !isOverdue else { return }
        isOverdue = true
        if askedAt == nil {
            askedAt = MonotonicClock.now()
            kill(SIGTERM)
        }
    }

    /// What is due while it has been asked to end and has not.
    func press() {
        guard status == nil, let askedAt else { return }
        let waited = MonotonicClock.now() - askedAt
        if isOverdue, waited >= Self.grace { return kill(SIGKILL) }
        guard waited >= Self.quiet, !hasToldWhy, !isOverdue else { return }
        hasToldWhy = true
        Terminal.endProgress()
        Terminal.message("culprit: waiting for \(Visible.line(name)) (pid \(pid)) to end; once more kills it")
    }

    /// The recorder cannot go on: nobody is left to watch it.
    func abandon() {
        look()
        if status == nil { kill(SIGTERM) }
    }

    /// Not reaped yet, so the pid is still its own.
    private func kill(_ number: Int32) { _ = Glibc.kill(pid, number) }

    /// Leaves the program as the command left: with its exit code, or by its signal.
    func passOn() throws {
        guard let status, !isOverdue else { return }
        guard let signal = status.signal else {
            if let code = status.code, code != 0 { exit(code) }
            return
        }
        // The core that there may be is the command's.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(4), &none)
        var one = sigset_t()
        sigemptyset(&one)
        sigaddset(&one, signal.rawValue)
        Glibc.signal(signal.rawValue, SIG_DFL)
        sigprocmask(SIG_UNBLOCK, &one, nil)
        raise(signal.rawValue)
        exit(128 + signal.rawValue)
    }
}

extension Failure {
    /// As a shell, env(1) and nohup(1) tell it: 127 where there is none of that name, 126 where it cannot be executed.
    static func cannotStart(_ command: String, errno number: Int32) -> Failure {
        Failure(
            code: number == ENOENT ? .commandNotFound : .commandNotExecutable, what: Visible.line(command),
            why: "it cannot be started: \(String(cString: strerror(number)))")
    }
}
