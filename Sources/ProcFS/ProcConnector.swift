public import EventModel
import Glibc

/// The kernel's process connector, opened (CONFIG_PROC_EVENTS). It speaks to the initial pid and user namespaces only;
/// before kernel 6.6 it needs CAP_NET_ADMIN.
public struct ProcConnector: ~Copyable {
    private let socket: NetlinkSocket
    private var sequence: ConnectorSequence
    private var buffer: [UInt8]

    /// Readable when there is something to drain.
    public var fileDescriptor: Int32 { socket.descriptor }

    /// Subscribes. `receiveBuffer` is how much the kernel may hold back between two drains, in bytes; a message takes
    /// about 1 KiB of it.
    /// Throws EPERM where the kernel does not answer, which is its way to refuse a namespace.
    public init(receiveBuffer: Int32 = 16 << 20) throws(SystemCallError) {
        let socket = try NetlinkSocket.opened(receiveBuffer: receiveBuffer)
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let token = UInt32(bitPattern: getpid())
        try socket.send(.listen, token: token)
        self.sequence = try Self.answer(to: token, from: socket, buffer: &buffer)
        self.buffer = buffer
        self.socket = socket
    }

    /// The request is handled within the call that sends it, so the answer is here already, though not alone.
    private static func answer(to token: UInt32, from socket: borrowing NetlinkSocket, buffer: inout [UInt8])
        throws(SystemCallError) -> ConnectorSequence
    {
        var sequence = ConnectorSequence()
        for _ in 0..<answerLimit {
            guard case .datagram(let datagram) = try socket.receive(into: &buffer) else { break }
            for message in ConnectorMessage.parse(datagram, suspended: Interval(nanoseconds: 0)).messages {
                _ = sequence.missing(before: message)
                guard case .answer(let number) = message.content, message.acknowledgement == token &+ 1 else {
                    continue
                }
                if number == 0 { return sequence }
                throw refused(Int32(clamping: number))
            }
        }
        throw refused(EPERM)
    }

    private static func refused(_ number: Int32) -> SystemCallError {
        SystemCallError(call: "PROC_CN_MCAST_LISTEN", object: name, errno: number)
    }

    deinit {
        // Older kernels go on making events for a listener that leaves without a word.
        try? socket.send(.ignore, token: 0)
    }

    static let name = "NETLINK_CONNECTOR"
    private static let answerLimit = 4096

    /// All that has come in, at most `limit` messages; returns at once when there is nothing.
    public mutating func drain(limit: Int = 65_536) throws(SystemCallError) -> Batch {
        let suspended = ProcFS.suspendedTime()
        var batch = Batch()
        var count = 0
        while count < limit {
            switch try socket.receive(into: &buffer) {
            case .nothing: return batch
            case .overflow: batch.hasOverflowed = true
            case .datagram(let datagram):
                let (messages, malformed) = ConnectorMessage.parse(datagram, suspended: suspended)
                batch.malformed += malformed
                for message in messages {
                    batch.lost += sequence.missing(before: message)
                    if case .event(let event) = message.content { batch.events.append(event) }
                }
            }
            count += 1
        }
        batch.isPartial = true
        return batch
    }

    /// What one drain brought.
    public struct Batch: Hashable, Sendable {
        public var events: [ConnectorEvent] = []
        /// The receive buffer was full (ENOBUFS). How much that cost, the number of a later message tells.
        public var hasOverflowed = false
        /// Messages that are missing by their numbers, threads' and those of no use here included. At least: what is lost
        /// before a CPU's first message is not known.
        public var lost: UInt64 = 0
        public var malformed = 0
        /// There is more: the limit was reached.
        public var isPartial = false

        public init() {}
    }
}

/// The socket below the connector; closed with it.
private struct NetlinkSocket: ~Copyable {
    let descriptor: Int32

    enum Operation: UInt32 {
        case listen = 1  // PROC_CN_MCAST_LISTEN
        case ignore = 2  // PROC_CN_MCAST_IGNORE
    }

    enum Received {
        case datagram(Bytes)
        case overflow
        case nothing
    }

    /// `struct sockaddr_nl`
    private struct Address {
        var family = UInt16(AF_NETLINK)
        var padding: UInt16 = 0
        var port: UInt32 = 0
        var groups: UInt32 = 0
    }

    private init(adopting descriptor: Int32) { self.descriptor = descriptor }

    static func opened(receiveBuffer: Int32) throws(SystemCallError) -> NetlinkSocket {
        let connector: Int32 = 11  // NETLINK_CONNECTOR
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let opened = NetlinkSocket(
            adopting: try systemCall("socket", ProcConnector.name) { socket(AF_NETLINK, type, connector) })
        var size = receiveBuffer
        let length = socklen_t(MemoryLayout<Int32>.size)
        // Beyond the system's limit only with CAP_NET_ADMIN; without it as much as the system gives.
        if setsockopt(opened.descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0 {
            setsockopt(opened.descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        }
        try opened.join()
        return opened
    }

    private borrowing func join() throws(SystemCallError) {
        let file = descriptor
        let address = Address(groups: 1)  // CN_IDX_PROC
        try systemCall("bind", ProcConnector.name) {
            withUnsafeBytes(of: address) { bytes -> Int32 in
                let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return bind(file, base, socklen_t(bytes.count))
            }
        }
    }

    deinit { close(descriptor) }

    /// nlmsghdr, cn_msg, and the operation alone: the form that all kernels take.
    borrowing func send(_ operation: Operation, token: UInt32) throws(SystemCallError) {
        let words: [UInt32] = [
            40, Self.pair(3, 0), 0, 0,  // length; type NLMSG_DONE, flags; sequence; port
            1, 1, 0, token,  // CN_IDX_PROC; CN_VAL_PROC; sequence; acknowledgement
            Self.pair(4, 0), operation.rawValue,  // length, flags
        ]
        let file = descriptor
        try systemCall("send", ProcConnector.name) {
            words.withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Two 16-bit fields in the order of memory.
    private static func pair(_ first: UInt16, _ second: UInt16) -> UInt32 {
        withUnsafeBytes(of: (first, second)) { $0.loadUnaligned(as: UInt32.self) }
    }

    /// The next datagram of the kernel; those that a process has sent are passed over.
    borrowing func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Received {
        let capacity = buffer.count
        while true {
            var sender = Address()
            var length = socklen_t(MemoryLayout<Address>.size)
            let count = withUnsafeMutableBytes(of: &sender) { address in
                recvfrom(
                    descriptor, &buffer, capacity, Int32(MSG_DONTWAIT),
                    address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
            let number = errno
            if count >= 0 {
                if sender.port == 0 { return .datagram(buffer[..<min(count, capacity)]) }
                continue
            }
            switch number {
            case EINTR: continue
            case EAGAIN: return .nothing
            case ENOBUFS: return .overflow
            default: throw SystemCallError(call: "recvfrom", object: ProcConnector.name, errno: number)
            }
        }
    }
}
