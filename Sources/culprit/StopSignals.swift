import EventModel
import Glibc

/// Ctrl-C, SIGTERM and the end of a child as something to wait for, together with the rings.
///
/// A pipe that the handlers write to: what is caught becomes the default again in a child that executes something.
final class StopSignals {
    private let reading: Int32
    private let noticed: [Int32]
    private var hasNotices = false

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
        for number in [SIGINT, SIGTERM, SIGCHLD] + noticed {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(StopSignals.writing, &byte, 1)
                errno = saved
            }
        }
    }

    /// Waits for the signals, `others` (-1 is passed over), or the time; says whether to stop.
    func wait(_ others: [Int32], milliseconds: Int32) -> Bool {
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
        var stop = false
        var byte: UInt8 = 0
        while read(reading, &byte, 1) == 1 {
            if noticed.contains(Int32(byte)) {
                hasNotices = true
            } else if byte != UInt8(SIGCHLD) {
                stop = true
            }
        }
        return stop
    }
}
