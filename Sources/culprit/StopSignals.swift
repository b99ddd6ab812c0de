import EventModel
import Glibc

/// Ctrl-C, SIGTERM and the end of a child as something to wait for, together with the rings.
final class StopSignals {
    let descriptor: Int32
    /// What was blocked before: what a child must start with.
    let original: sigset_t

    init() throws(SystemCallError) {
        var set = sigset_t()
        var before = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGCHLD] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, &before)
        original = before
        descriptor = signalfd(-1, &set, Int32(SFD_CLOEXEC.rawValue | SFD_NONBLOCK.rawValue))
        guard descriptor >= 0 else { throw SystemCallError(call: "signalfd", object: "", errno: errno) }
        // A reader of our output that goes away is met at the write.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { close(descriptor) }

    /// Waits for the signals, `other` (-1 for none), or the time; says whether to stop.
    func wait(_ other: Int32, milliseconds: Int32) -> Bool {
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waits, 2, milliseconds) > 0, waits[0].revents != 0 else { return false }
        return takeSignals()
    }

    private func takeSignals() -> Bool {
        var stop = false
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while read(descriptor, &info, size) == size {
            if info.ssi_signo != UInt32(SIGCHLD) { stop = true }
        }
        return stop
    }
}
