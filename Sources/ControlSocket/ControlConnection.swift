import EventModel
import Glibc

/// One client: what it has sent so far, what it has not read yet, and how long it has for that.
final class ControlConnection {
    let descriptor: Int32
    let id: ClientID
    let peer: Peer
    private(set) var state = State.reading
    /// CLOCK_MONOTONIC in milliseconds; past it, the client is dropped.
    private(set) var deadline: UInt64
    var isGone = false
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var written = 0

    enum State {
        /// Its request is not complete.
        case reading
        /// Its request waits for an answer.
        case asked
        case answering
        /// It watches, until it closes.
        case streaming
    }

    /// How long each may last, in milliseconds: asking, waiting for us, and reading the answer.
    private static let (asking, waiting, taking): (UInt64, UInt64, UInt64) = (5_000, 12_000, 60_000)
    /// Beyond so many bytes that it has not read, a client that watches gets no more.
    static let streamBuffer = 1 << 16

    init(_ descriptor: Int32, _ id: ClientID, _ peer: Peer, at now: UInt64) {
        self.descriptor = descriptor
        self.id = id
        self.peer = peer
        deadline = now + Self.asking
    }

    /// What poll(2) is to look for.
    var awaited: Int16 { (pending > 0 ? Int16(POLLOUT) : 0) | (state == .answering ? 0 : Int16(POLLIN)) }
    /// Bytes that it has not read.
    var pending: Int { output.count - written }
    var isDone: Bool { state == .answering && pending == 0 }

    /// The request, once its line is complete. What follows the line is not looked at.
    func read() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { isGone = true }
        // Whoever has asked already has nothing more to say, but may hang up.
        guard count > 0, state == .reading else { return nil }
        input.append(contentsOf: chunk[..<count])
        if let end = input.firstIndex(of: UInt8(ascii: "\n")) { return Array(input[..<end]) }
        // One that is too long is no request whatever follows; the parser says so.
        return input.count > ControlRequest.longest ? Array("request too long".utf8) : nil
    }

    func wait(at now: UInt64) {
        input = []
        state = .asked
        deadline = now + Self.waiting
    }

    func reply(_ reply: ControlReply, isStream: Bool, at now: UInt64) {
        if case .value = reply, isStream {
            state = .streaming
            deadline = .max
        } else {
            state = .answering
            deadline = now + Self.taking
        }
        push(Array(reply.line.utf8), at: now)
    }

    func push(_ bytes: [UInt8], at now: UInt64) {
        output.append(contentsOf: bytes)
        write(at: now)
    }

    /// As much as it takes without waiting.
    func write(at now: UInt64) {
        while pending > 0 {
            let count = output[written...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, UnixSocket.noSignal)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                if errno != EAGAIN { isGone = true }
                break
            }
            written += count
        }
        if pending == 0 {
            output.removeAll(keepingCapacity: output.capacity <= Self.streamBuffer * 2)
            written = 0
        }
    }
}
