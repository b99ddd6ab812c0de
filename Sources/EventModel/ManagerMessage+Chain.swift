// From a call to its answer, and from a copy of a call to its origin.
extension ManagerMessage {
    /// Whose manager listens at the address: that of the system, or of a user; nil for an unnamed pair and for any other
    /// address. On a bus it is the manager whose services that bus carries.
    public var manager: ManagerScope? {
        switch address {
        case "/run/systemd/private", "/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket": return .system
        default:
            let parts = address.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 5, parts[1...2] == ["run", "user"], let uid = UInt32(parts[3]) else { return nil }
            return parts[4...] == ["bus"] || parts[4...] == ["systemd", "private"] ? .user(uid) : nil
        }
    }

    /// Whether a bus daemon carries it, so that a call comes twice: from the caller, and with `sender` from the daemon.
    public var isOnBus: Bool { address.hasSuffix("/bus") || address.hasSuffix("/system_bus_socket") }

    /// Passed on by a bus daemon: the sender is another process. A caller's own word for it does not count.
    public var isForwarded: Bool { isFromListener && sender != nil && isOnBus }

    /// Whether this is the reply to, or the refusal of, that call, on the same connection.
    public func answers(_ call: ManagerMessage) -> Bool {
        guard kind == .reply || kind == .error, call.kind == .call, replySerial == call.serial else { return false }
        // The accepted end of a connection may have had no inode yet when the call was sent.
        return peerSocket == call.socket && (call.peerSocket == 0 || call.peerSocket == socket)
    }

    /// Whether both are one call on different hops: over a bus daemon, or over the bridge of `systemctl -M`. Each hop keeps
    /// serial, object and arguments; the earliest is the caller's.
    public func isSameCall(as other: ManagerMessage) -> Bool {
        kind == .call && other.kind == .call && serial == other.serial && member == other.member && path == other.path
            && interface == other.interface && arguments == other.arguments
    }

    /// The jobs that a reply names.
    public var jobs: [UInt32] {
        guard kind == .reply else { return [] }
        return arguments.flatMap { argument -> [UInt32] in
            switch argument {
            case .text(let path): UnitPath.job(at: path).map { [$0] } ?? []
            case .list(let paths): paths.compactMap(UnitPath.job(at:))
            case .number, .flag: []
            }
        }
    }
}
