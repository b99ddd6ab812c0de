import EventModel
import Glibc
import ProcFS
import Testing

/// What this host's own sockets look like to the look at the start.
@Suite struct HeldAddressTests {
    /// A socket of ours on a port that the kernel chose, and its number.
    private func listener(_ type: __socket_type) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(descriptor >= 0 && isBound)
        if type == SOCK_STREAM { try #require(listen(descriptor, 1) == 0) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private func changes(_ limits: SocketScanLimits = SocketScanLimits()) throws -> [(ProcessKey, SocketChange)] {
        let own = try #require(ProcFS().key(of: getpid()))
        var limits = limits
        limits.time = .seconds(60)
        return try ProcFS().heldAddresses(by: [own], at: .zero, limits: limits).events.compactMap { event in
            guard case .socket(let change) = event.body, let process = event.process else { return nil }
            return (process, change)
        }
    }

    @Test func ourOwnSockets() throws {
        let (stream, datagram) = (try listener(SOCK_STREAM), try listener(SOCK_DGRAM))
        defer {
            close(stream.descriptor)
            close(datagram.descriptor)
        }
        let changes = try changes()
        for (port, transport, step) in [
            (stream.port, Endpoint.Transport.tcp, SocketChange.Step.listening), (datagram.port, .udp, .bound),
        ] {
            let found = changes.filter { $0.1.endpoint.port == port && $0.1.endpoint.transport == transport }
            #expect(found.count == 1 && found.first?.0.pid == getpid() && found.first?.1.step == step)
            #expect(found.first?.1.endpoint.address == [127, 0, 0, 1])
            #expect(found.first?.1.endpoint.networkNamespace ?? 0 != 0)
        }
    }

    @Test func noMoreThanItMayTake() throws {
        let sockets = try (0..<8).map { _ in try listener(SOCK_STREAM) }
        defer { for socket in sockets { close(socket.descriptor) } }
        var limits = SocketScanLimits()
        limits.sockets = 3
        #expect(try changes(limits).count <= 3)
        limits.descriptors = 0
        #expect(try changes(limits).isEmpty)
        limits = SocketScanLimits()
        limits.namespaces = 0
        #expect(try changes(limits).isEmpty)
    }

    @Test func aPidThatIsSomebodyElsesByNow() throws {
        let socket = try listener(SOCK_STREAM)
        defer { close(socket.descriptor) }
        var other = try #require(ProcFS().key(of: getpid()))
        other.start = BootTime(ticks: 1)
        #expect(try ProcFS().heldAddresses(by: [other], at: .zero).events.isEmpty)
    }
}
