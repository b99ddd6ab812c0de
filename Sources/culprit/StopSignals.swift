import EventModel
import Glibc

/// Ctrl-C, SIGTERM and the end of a child as something to wait for, together with the rings.
///
/// A pipe that the handlers write to: what is caught becomes the default again in a child that executes something.
final class StopSignals {
    private let reading: Int32

    /// The end that handlers write to; a handler can reach nothing but globals.
    nonisolated(unsafe) private static var writing: Int32 = -1

    init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let first = ends.first, let last = ends.last else {
            throw SystemCallError(call: "pipe", object: "", errno: errno)
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading = first
        Self.writing = last
        for number in [SIGINT, SIGTERM, SIGCHLD] {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(StopSignals.writing, &byte, 1)
                errno = saved
            }
        }
    }

    /// Waits for the signals, `other` (-1 for none), or the time; says whether to stop.
    func wait(_ other: Int32, milliseconds: Int32) -> Bool {
        var waits = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&waits, 2, milliseconds)
        return takeSignals()
    }

    private func takeSignals() -> Bool {
        var stop = false
        var byte: UInt8 = 0
        while read(reading, &byte, 1) == 1 {
            if byte != UInt8(SIGCHLD) { stop = true }
        }
        return stop
    }
}
