public import EventModel
import Glibc

/// Who answers what clients ask. Called on the server's thread.
public protocol ControlHandler: AnyObject {
    /// Nil where the answer comes later, by `ControlMailbox.reply`.
    func answer(_ request: ControlRequest, from peer: Peer, client: ClientID) -> ControlReply?
    /// More lines for a client that asked for `live`, at most about `limit` bytes; empty where there are none now.
    func lines(for client: ClientID, limit: Int) -> [UInt8]
    /// It has gone, or was dropped.
    func forget(_ client: ClientID)
}

/// One connection, never to be confused with a later one.
public struct ClientID: Hashable, Sendable {
    var number: UInt64
}

/// The control socket: accepts, reads one request a connection, writes its reply. One thread runs it; a client can neither
/// make it wait nor make it grow.
public final class ControlServer {
    private let listener: Int32
    private let path: String
    private let group: UInt32?
    private let handler: any ControlHandler
    public let mailbox: ControlMailbox
    private var clients: [ControlConnection] = []
    private var nextNumber: UInt64 = 1

    public static let mostClients = 64
    public static let mostStreams = 8
    /// Replies that are not read yet, in bytes; beyond it requests are turned away.
    private static let mostPending = 32 << 20

    /// Listens at `path`, for root and, where there is one, the members of `group` (mode 0660).
    public init(path: String, group: UInt32?, handler: any ControlHandler) throws(SystemCallError) {
        self.path = path
        self.group = group
        self.handler = handler
        mailbox = try ControlMailbox()
        listener = try UnixSocket.listen(at: path)
        if let group, chown(path, UInt32.max, group) != 0 {
            throw SystemCallError(call: "chown", object: path, errno: errno)
        }
        guard chmod(path, 0o660) == 0 else {
            throw SystemCallError(call: "chmod", object: path, errno: errno)
        }
    }

    deinit {
        for client in clients { close(client.descriptor) }
        close(listener)
        unlink(path)
    }

    /// Serves until the mailbox says that it is over.
    public func run() {
        while !mailbox.isOver { serve(at: Self.now()) }
    }

    /// CLOCK_MONOTONIC in milliseconds.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }

    private func serve(at now: UInt64) {
        var waits = [
            pollfd(fd: mailbox.bell.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
        ]
        waits += clients.map { pollfd(fd: $0.descriptor, events: $0.awaited, revents: 0) }
        let next = clients.map(\.deadline).min() ?? now + 60_000
        _ = poll(&waits, UInt(waits.count), next > now ? Int32(clamping: min(next - now, 60_000)) : 0)
        let time = Self.now()
        for (client, wait) in zip(clients, waits.dropFirst(2)) where wait.revents != 0 {
            if wait.revents & Int16(POLLIN) != 0 { read(from: client, at: time) }
            if wait.revents & Int16(POLLOUT) != 0 { client.write(at: time) }
            if wait.revents & Int16(POLLIN | POLLOUT) == 0 { client.isGone = true }
        }
        for (id, reply) in mailbox.take() {
            clients.first { $0.id == id && $0.state == .asked }?.reply(reply, isStream: false, at: time)
        }
        for client in clients where client.state == .streaming { feed(client, at: time) }
        sweep(at: time)
        if waits[1].revents != 0 { accept(at: time) }
    }

    private func sweep(at now: UInt64) {
        for client in clients where client.isGone || client.deadline <= now || client.isDone { drop(client) }
        clients.removeAll { $0.isGone }
    }

    private func drop(_ client: ControlConnection) {
        client.isGone = true
        close(client.descriptor)
        handler.forget(client.id)
    }

    private func accept(at now: UInt64) {
        // A few at a time: those who are there have their turn as well.
        for _ in 0..<16 {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            UnixSocket.makePrivate(descriptor)
            guard let peer = Peer(of: descriptor), makeRoom() else {
                close(descriptor)
                continue
            }
            let client = ControlConnection(descriptor, ClientID(number: nextNumber), peer, at: now)
            nextNumber += 1
            clients.append(client)
            if !peer.isAllowed(group: group) {
                let error = ControlError(
                    .notPermitted, "daemon", "uid \(peer.uid) may not ask it",
                    remedy: "be root, or a member of the group culprit")
                client.reply(.error(error), isStream: false, at: now)
            }
        }
    }

    /// Whoever has waited longest without asking anything gives way, then whoever does not take an answer.
    private func makeRoom() -> Bool {
        guard clients.count >= Self.mostClients else { return true }
        let slowest = clients.first { $0.state == .reading } ?? clients.first { $0.state == .answering }
        guard let slowest else { return false }
        drop(slowest)
        clients.removeAll { $0.isGone }
        return true
    }

    private func read(from client: ControlConnection, at now: UInt64) {
        guard let line = client.read() else { return }
        guard clients.reduce(0, { $0 + $1.pending }) < Self.mostPending else {
            return client.reply(
                .error(ControlError(.unavailable, "daemon", "too many ask it at once", remedy: "try again")),
                isStream: false, at: now)
        }
        do throws(ControlError) {
            try take(ControlRequest(line: line), from: client, at: now)
        } catch {
            client.reply(.error(error), isStream: false, at: now)
        }
    }

    private func take(_ request: ControlRequest, from client: ControlConnection, at now: UInt64) throws(ControlError) {
        var isStream = false
        if case .live = request {
            isStream = true
            guard clients.count(where: { $0.state == .streaming }) < Self.mostStreams else {
                throw ControlError(.unavailable, "live", "\(Self.mostStreams) watch already")
            }
        }
        client.wait(at: now)
        guard let reply = handler.answer(request, from: client.peer, client: client.id) else { return }
        client.reply(reply, isStream: isStream, at: now)
    }

    private func feed(_ client: ControlConnection, at now: UInt64) {
        guard client.pending < ControlConnection.streamBuffer else { return }
        let lines = handler.lines(for: client.id, limit: ControlConnection.streamBuffer)
        if !lines.isEmpty { client.push(lines, at: now) }
    }
}
