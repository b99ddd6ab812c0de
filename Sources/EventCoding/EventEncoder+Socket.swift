internal import CEventABI
internal import EventModel

extension EventEncoder {
    static func append(_ change: SocketChange, of event: Event, to bytes: inout [UInt8]) {
        var raw = culprit_socket()
        raw.header = header(of: event, type: type(of: change.step))
        let endpoint = change.endpoint
        withUnsafeMutableBytes(of: &raw.address) {
            $0.copyBytes(from: endpoint.address.prefix(EventDecoder.addressBytes(endpoint.family)))
        }
        raw.family = endpoint.family.rawValue
        raw.port = endpoint.port
        raw.protocol = endpoint.transport.rawValue
        raw.network_namespace = endpoint.networkNamespace
        raw.uid = change.uid
        append(raw, to: &bytes)
    }

    private static func type(of step: SocketChange.Step) -> KernelRecordType {
        switch step {
        case .attempt: .bindAttempt
        case .bound: .bound
        case .listening: .listen
        case .closed: .unlisten
        }
    }

    static func append(_ change: CgroupChange, of event: Event, to bytes: inout [UInt8]) {
        switch change {
        case .made(let cgroup, let parent, let name):
            append(.cgroupMade, cgroup, parent: parent.rawValue, name: name, of: event, to: &bytes)
        case .removed(let cgroup): append(.cgroupRemoved, cgroup, parent: 0, name: "", of: event, to: &bytes)
        case .moved: append(culprit_cgroup_moved(header: header(of: event, type: .cgroupMoved)), to: &bytes)
        }
    }

    private static func append(
        _ type: KernelRecordType, _ cgroup: CgroupID, parent: UInt64, name: String, of event: Event,
        to bytes: inout [UInt8]
    ) {
        let name = ClippedText(name, to: limit(CULPRIT_NAME_MAX))
        var raw = culprit_cgroup()
        raw.header = header(of: event, type: type)
        raw.header.cgroup = cgroup.rawValue
        raw.parent = parent
        raw.name_len = UInt16(clamping: name.kept.count)
        append(raw, to: &bytes)
        bytes.append(contentsOf: name.kept)
    }
}
