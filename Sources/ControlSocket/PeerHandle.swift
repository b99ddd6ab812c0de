import Glibc

/// A process, held by a descriptor: its pid may get another holder, the descriptor does not.
final class PeerHandle: Hashable, Sendable {
    private let descriptor: Int32
    private let isDirectory: Bool

    /// SO_PEERPIDFD of asm-generic/socket.h (Linux 6.5).
    private static let peerHandle: Int32 = 77

    /// Of who connected. Older kernels tell the pid alone: then the `/proc` directory of who has it as the connection is
    /// accepted.
    init?(of socket: Int32, pid: Int32) {
        var handle: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(socket, SOL_SOCKET, Self.peerHandle, &handle, &length) == 0, handle >= 0 {
            isDirectory = false
        } else {
            guard errno == ENOPROTOOPT, pid > 0 else { return nil }
            handle = open("/proc/\(pid)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            isDirectory = true
        }
        guard handle >= 0 else { return nil }
        descriptor = handle
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    var isAlive: Bool {
        // A directory of /proc gives nothing once its process is gone, whoever has the pid then.
        if isDirectory { return faccessat(descriptor, "stat", F_OK, 0) == 0 }
        // Readable once the process has ended.
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) == 0
    }

    static func == (a: PeerHandle, b: PeerHandle) -> Bool { a === b }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
