/// A step in the life of a bound address.
public struct SocketChange: Hashable, Sendable {
    public var step: Step
    public var endpoint: Endpoint
    public var uid: UInt32

    public init(step: Step, endpoint: Endpoint, uid: UInt32 = 0) {
        self.step = step
        self.endpoint = endpoint
        self.uid = uid
    }

    public enum Step: UInt8, Hashable, Sendable {
        /// bind(2) was entered. Where no `bound` of the same thread follows, it was refused.
        case attempt = 6
        case bound = 7
        case listening = 8
        case closed = 9
    }
}

/// An address that can be held by one socket.
public struct Endpoint: Hashable, Sendable {
    public var family: Family
    /// Network order: 4 bytes for IPv4, 16 for IPv6.
    public var address: [UInt8]
    public var port: UInt16
    public var transport: Transport
    /// Inode of the network namespace; an address is held within one only.
    public var networkNamespace: UInt32

    public init(family: Family, address: [UInt8], port: UInt16, transport: Transport, networkNamespace: UInt32 = 0) {
        self.family = family
        self.address = address
        self.port = port
        self.transport = transport
        self.networkNamespace = networkNamespace
    }

    /// AF_INET 2, AF_INET6 10; others survive.
    public struct Family: RawRepresentable, Hashable, Sendable {
        public var rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        public static let ipv4 = Family(rawValue: 2)
        public static let ipv6 = Family(rawValue: 10)
    }

    /// IPPROTO_TCP 6, IPPROTO_UDP 17; others survive.
    public struct Transport: RawRepresentable, Hashable, Sendable {
        public var rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        public static let tcp = Transport(rawValue: 6)
        public static let udp = Transport(rawValue: 17)

        public var name: String {
            switch self {
            case .tcp: "tcp"
            case .udp: "udp"
            default: "protocol \(rawValue)"
            }
        }
    }

    public var isWildcard: Bool { address.allSatisfy { $0 == 0 } }

    /// `127.0.0.1:8080`, `[::1]:8080`.
    public var description: String {
        if family == .ipv4 { return address.map(String.init).joined(separator: ".") + ":\(port)" }
        return "[" + Self.ipv6Text(address) + "]:\(port)"
    }

    /// RFC 5952: lower case, the longest run of two or more zero groups as `::`.
    private static func ipv6Text(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var best = 0..<0
        var index = 0
        while index < groups.count {
            let end = groups[index...].firstIndex { $0 != 0 } ?? groups.count
            if end - index >= 2, end - index > best.count { best = index..<end }
            index = max(end, index + 1)
        }
        let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty
            ? text(0..<groups.count) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<groups.count)
    }
}

/// A directory of the cgroup hierarchy came, went, or took a process in.
public enum CgroupChange: Hashable, Sendable {
    case made(CgroupID, parent: CgroupID, name: String)
    case removed(CgroupID)
    /// The event's process is now in the event's cgroup.
    case moved
}
