extension Endpoint {
    /// Whether a socket on the one is in the way of a socket on the other: the same namespace, transport and port, and
    /// one address or one that takes all. IPv6's `::` takes IPv4 as well, unless its socket is IPV6_V6ONLY.
    public func overlaps(_ other: Endpoint) -> Bool {
        guard port == other.port, transport == other.transport, networkNamespace == other.networkNamespace else {
            return false
        }
        let (own, others) = (plain, other.plain)
        if own.family == others.family { return own.isWildcard || others.isWildcard || own.address == others.address }
        return (own.family == .ipv6 ? own : others).isWildcard
    }

    /// Every host has it: that such an address is not there is never why a bind is refused.
    public var isLoopback: Bool {
        let plain = plain
        return plain.family == .ipv4
            ? plain.address.first == 127 : plain.address == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// IPv4 where it is IPv4 in IPv6's clothes (`::ffff:127.0.0.1`).
    private var plain: Endpoint {
        let mapped = [UInt8](repeating: 0, count: 10) + [255, 255]
        guard family == .ipv6, address.count == 16, address.starts(with: mapped) else { return self }
        var plain = self
        (plain.family, plain.address) = (.ipv4, Array(address.suffix(4)))
        return plain
    }
}
