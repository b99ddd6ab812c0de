import EventModel
import Glibc

/// Ctrl-C, SIGTERM, SIGHUP and the end of a child as something to wait for, together with the rings.
///
/// A pipe that the handlers write to: what is caught becomes the default again in a child that executes something.
final class StopSignals {
    private let reading: Int32
    private let noticed: [Int32]
    private var hasNotices = false
    /// What stops, since the last `wait` began.
    private(set) var caught: [Caught] = []

    struct Caught {
        var number: Int32
        /// The kernel's own: of a terminal, which tells every process of its foreground group.
        var isFromKernel: Bool
    }

    /// The end that handlers write to; a handler can reach nothing but globals.
    nonisolated(unsafe) private static var writing: Int32 = -1

    /// `noticing`: signals that are to be told of, and do not stop anything.
    init(noticing noticed: [Int32] = []) throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let first = ends.first, let last = ends.last else {
            throw SystemCallError(call: "pipe", object: "", errno: errno)
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading = first
        self.noticed = noticed
        Self.writing = last
        for number in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] where number != SIGHUP || !Self.isIgnored(number) {
            var action = sigaction()
            action.sa_flags = SA_SIGINFO | SA_RESTART
            action.__sigaction_handler.sa_sigaction = { number, information, _ in
                let saved = errno
                let isFromKernel = information.map { $0.pointee.si_code == 0x80 } ?? false
                var byte = UInt8(truncatingIfNeeded: number) | (isFromKernel ? StopSignals.kernelBit : 0)
                _ = write(StopSignals.writing, &byte, 1)
                errno = saved
            }
            sigaction(number, &action, nil)
        }
    }

    /// Above every signal's number, in what the handler writes.
    private static let kernelBit: UInt8 = 0x80

    /// nohup(1) has said that the end of the terminal is no reason to end.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// Waits for the signals, `others` (-1 is passed over), or the time; says whether to stop.
    func wait(_ others: [Int32], milliseconds: Int32) -> Bool {
        caught = []
        var waits = ([reading] + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waits, UInt(waits.count), milliseconds)
        return takeSignals()
    }

    /// Whether one came since the last call that is only to be told of.
    func takeNotices() -> Bool {
        defer { hasNotices = false }
        return hasNotices
    }

    private func takeSignals() -> Bool {
        var byte: UInt8 = 0
        while read(reading, &byte, 1) == 1 {
            let number = Int32(byte & ~Self.kernelBit)
            if noticed.contains(number) {
                hasNotices = true
            } else if number != SIGCHLD {
                caught.append(Caught(number: number, isFromKernel: byte & Self.kernelBit != 0))
            }
        }
        return !caught.isEmpty
    }
}
