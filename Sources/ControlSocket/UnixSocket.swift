public import EventModel
public import Glibc

/// Sockets of the host's own, by path; or by a name that begins with `@` (abstract: without a file).
public enum UnixSocket {
    /// Calls `body` with the address; an error where the name does not fit into one.
    public static func withAddress<Result>(
        of name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        var bytes = Array(name.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        // A path needs its zero at the end; an abstract name begins with one and has none.
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < capacity else {
            throw SystemCallError(call: "connect", object: name, errno: ENAMETOOLONG)
        }
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
        // The closure of `withUnsafePointer` cannot throw a type of its own.
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Swift.Result { () throws(SystemCallError) in try body(pointer, length) }
            }
        }
        return try result.get()
    }

    /// A new socket, closed on exec.
    public static func make(_ type: __socket_type, nonBlocking: Bool = false) throws(SystemCallError) -> Int32 {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | (nonBlocking ? Int32(SOCK_NONBLOCK.rawValue) : 0)
        let descriptor = socket(AF_UNIX, Int32(type.rawValue) | flags, 0)
        guard descriptor >= 0 else { throw SystemCallError(call: "socket", object: "", errno: errno) }
        return descriptor
    }

    /// For this program alone, and never waited for.
    static func makePrivate(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// For send(2): a peer that has gone is an error and no SIGPIPE.
    public static let noSignal = Int32(MSG_NOSIGNAL)

    /// A stream socket that listens at `path`; what lies there is replaced. Nobody but its owner can connect until its
    /// mode is changed.
    static func listen(at path: String) throws(SystemCallError) -> Int32 {
        let descriptor = try make(SOCK_STREAM, nonBlocking: true)
        do throws(SystemCallError) {
            unlink(path)
            let before = umask(0o177)
            defer { umask(before) }
            try withAddress(of: path) { (address, length) throws(SystemCallError) in
                guard bind(descriptor, address, length) == 0 else {
                    throw SystemCallError(call: "bind", object: path, errno: errno)
                }
            }
            guard Glibc.listen(descriptor, 64) == 0 else {
                throw SystemCallError(call: "listen", object: path, errno: errno)
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }
}

/// Who is at the other end, as the kernel says (unix(7), SO_PEERCRED).
public struct Peer: Hashable, Sendable {
    public var pid: Int32
    public var uid: UInt32
    public var gid: UInt32
    /// Supplementary groups (SO_PEERGROUPS); empty where the kernel does not tell.
    public var groups: [UInt32]
    /// Nil where the kernel gives none.
    private var handle: PeerHandle?

    /// SO_PEERCRED and SO_PEERGROUPS of asm-generic/socket.h.
    private static let (credentials, supplementary): (Int32, Int32) = (17, 59)

    init?(of descriptor: Int32) {
        var words: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        guard getsockopt(descriptor, SOL_SOCKET, Self.credentials, &words, &length) == 0, length == 12 else {
            return nil
        }
        (pid, uid, gid) = (Int32(bitPattern: words[0]), words[1], words[2])
        var list = [UInt32](repeating: 0, count: 1024)
        length = socklen_t(list.count * 4)
        let isTold = getsockopt(descriptor, SOL_SOCKET, Self.supplementary, &list, &length) == 0
        groups = isTold ? Array(list.prefix(Int(length) / 4)) : []
        handle = PeerHandle(of: descriptor, pid: pid)
    }

    /// Whether the process that connected still has its pid: what `/proc` says of that pid just before this is said, is
    /// said of it and of no later holder.
    public var isAlive: Bool { handle?.isAlive ?? false }

    /// Root, the daemon's own user, and the members of `group`.
    func isAllowed(group: UInt32?) -> Bool {
        if uid == 0 || uid == geteuid() { return true }
        guard let group else { return false }
        return gid == group || groups.contains(group)
    }
}
