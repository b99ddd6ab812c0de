internal import CEventABI
internal import EventModel

extension EventDecoder {
    @inline(__always)
    static func socket(
        _ step: SocketChange.Step, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_socket.self)
        let family = Endpoint.Family(rawValue: raw.family)
        let address = withUnsafeBytes(of: raw.address) { Array($0.prefix(addressBytes(family))) }
        return .socket(
            SocketChange(
                step: step,
                endpoint: Endpoint(
                    family: family, address: address, port: raw.port,
                    transport: Endpoint.Transport(rawValue: raw.protocol), networkNamespace: raw.network_namespace),
                uid: raw.uid))
    }

    /// Bytes of an address on the wire: 4 for IPv4, else all 16.
    static func addressBytes(_ family: Endpoint.Family) -> Int { family == .ipv4 ? 4 : 16 }

    static func cgroupMade(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_cgroup.self)
        var tail = ByteReader(bytes, from: MemoryLayout<culprit_cgroup>.size)
        guard let name = tail.take(Int(raw.name_len)) else { throw MalformedRecord(type: header.type, reason: .piece) }
        return .cgroup(
            .made(
                CgroupID(rawValue: header.cgroup), parent: CgroupID(rawValue: raw.parent),
                name: String(decoding: name, as: UTF8.self)))
    }
}
