public import EventModel
import Glibc

/// Something to wait for with poll(2), together with other things; rung by another thread.
public final class Bell: Sendable {
    /// Readable after `ring`, until `silence`.
    public let descriptor: Int32
    private let writing: Int32

    public init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let first = ends.first, let last = ends.last else {
            throw SystemCallError(call: "pipe", object: "", errno: errno)
        }
        (descriptor, writing) = (first, last)
        for end in ends { UnixSocket.makePrivate(end) }
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    public func ring() {
        // A pipe that is full has been rung often enough.
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    public func silence() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
    }

    /// Waits for a ring, at most so long (-1: for ever), and silences it.
    public func wait(milliseconds: Int32) {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&wait, 1, milliseconds)
        silence()
    }
}
