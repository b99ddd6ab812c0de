public import EventModel
import Glibc
public import Reporting

/// A connection to the daemon, for one request.
public final class ControlClient {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Why there is no answer.
    public enum Failure: Error, Hashable, Sendable {
        /// Nothing listens there.
        case notRunning(path: String)
        case notPermitted(path: String)
        /// It is there and does not answer, or not in this protocol.
        case unreachable(path: String, why: String)
        case refused(ControlError)
    }

    /// Largest reply taken, in bytes.
    private static let largestReply = 64 << 20
    /// How long each step may take. The daemon answers in milliseconds, or says that it cannot.
    private let patience: Interval

    public init(path: String, patience: Interval = .seconds(15)) throws(Failure) {
        self.path = path
        self.patience = patience
        do throws(SystemCallError) {
            let descriptor = try UnixSocket.make(SOCK_STREAM)
            self.descriptor = descriptor
        } catch {
            throw .unreachable(path: path, why: String(cString: strerror(error.errno)))
        }
        var limit = timeval(
            tv_sec: Int(patience.nanoseconds / 1_000_000_000),
            tv_usec: Int(max(1, patience.nanoseconds % 1_000_000_000 / 1000)))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        do throws(SystemCallError) {
            let descriptor = descriptor
            try UnixSocket.withAddress(of: path) { (address, length) throws(SystemCallError) in
                guard connect(descriptor, address, length) == 0 else {
                    throw SystemCallError(call: "connect", object: path, errno: errno)
                }
            }
        } catch {
            close(descriptor)
            switch error.errno {
            case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(path: path)
            case EACCES, EPERM: throw .notPermitted(path: path)
            default: throw .unreachable(path: path, why: String(cString: strerror(error.errno)))
            }
        }
    }

    deinit { close(descriptor) }

    /// Sends the request, and waits for its reply.
    public func ask(_ request: ControlRequest) throws(Failure) -> JSONValue {
        let line = Array(request.line.utf8)
        var sent = 0
        while sent < line.count {
            let count = line[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, UnixSocket.noSignal)
            }
            if count < 0, errno == EINTR { continue }
            // It may have said why it hangs up.
            guard count > 0 else { break }
            sent += count
        }
        guard let line = try nextLine(isReply: true), let reply = ControlReply(line: line) else {
            throw .unreachable(path: path, why: "it answers in another language")
        }
        switch reply {
        case .value(let value): return value
        case .error(let error): throw .refused(error)
        }
    }

    /// What follows the reply to `live`: whole lines, as many as have come; nil at the end. Waits at most so long, and
    /// gives none then.
    public func moreLines(milliseconds: Int32) throws(Failure) -> [UInt8]? {
        if let end = buffer.lastIndex(of: UInt8(ascii: "\n")) { return take(through: end) }
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) > 0 else { return [] }
        guard try receive() else { return nil }
        guard let end = buffer.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return take(through: end)
    }

    /// To wait for, together with something else.
    public var fileDescriptor: Int32 { descriptor }

    private func nextLine(isReply: Bool) throws(Failure) -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) { return take(through: end).dropLast() }
            searched = buffer.count
            guard try receive() else { return nil }
        }
    }

    private func take(through end: Int) -> [UInt8] {
        let line = Array(buffer[...end])
        buffer.removeFirst(end + 1)
        return line
    }

    /// False at the end.
    private func receive() throws(Failure) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { return false }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == ECONNRESET { return false }
                let why =
                    errno == EAGAIN
                    ? "it does not answer in \(patience.nanoseconds / 1_000_000) ms" : String(cString: strerror(errno))
                throw .unreachable(path: path, why: why)
            }
            buffer.append(contentsOf: chunk[..<count])
            guard buffer.count <= Self.largestReply else {
                throw .unreachable(path: path, why: "its answer has no end")
            }
            return true
        }
    }
}
