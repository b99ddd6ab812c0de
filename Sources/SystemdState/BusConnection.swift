internal import CSystemd
internal import EventModel
internal import Glibc

/// A D-Bus connection straight to a manager's private socket, without a bus daemon. Nothing here waits: the handshake,
/// calls and answers all go through `next`.
final class BusConnection {
    let sd: culprit_systemd
    let bus: OpaquePointer

    struct Failure: Error, Hashable {
        var call: String
        /// Positive.
        var errno: Int32
    }

    /// Throws where nobody listens at `path`, or where who listens has another uid than `owner`.
    init(_ library: SystemdLibrary, path: String, owner: UInt32) throws(Failure) {
        sd = library.sd
        var made: OpaquePointer?
        let result = library.sd.sd_bus_new(&made)
        guard result >= 0, let made else { throw Failure(call: "sd_bus_new", errno: -result) }
        bus = made
        try check("sd_bus_set_address", sd.sd_bus_set_address(bus, "unix:path=" + Self.escape(path)))
        // There is no daemon to say Hello to.
        try check("sd_bus_set_bus_client", sd.sd_bus_set_bus_client(bus, 0))
        try check("sd_bus_start", sd.sd_bus_start(bus))
        guard peerUID == owner else { throw Failure(call: "connect", errno: EPERM) }
    }

    deinit { _ = sd.sd_bus_close_unref(bus) }

    /// Anybody may put a socket into a directory of their own; the kernel says whose it is.
    private var peerUID: UInt32? {
        // struct ucred: pid, uid, gid.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, .max, .max)
        var length = socklen_t(12)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return credentials.uid
    }

    var descriptor: Int32 { sd.sd_bus_get_fd(bus) }

    /// POLLIN and POLLOUT, as it needs them now.
    var events: UInt32 { UInt32(clamping: sd.sd_bus_get_events(bus)) }

    /// Does what is due. The next message that came, `.none` where there is no more for now; throws at the end.
    func next() throws(Failure) -> Step {
        var message: OpaquePointer?
        let result = try check("sd_bus_process", sd.sd_bus_process(bus, &message))
        if let message { return .message(BusMessage(adopting: message, sd)) }
        return result > 0 ? .worked : .idle
    }

    enum Step {
        case message(BusMessage)
        case worked
        case idle
    }

    /// Sends a call with text arguments; the cookie comes back in the answer.
    func call(_ path: String, _ interface: String, _ member: String, _ arguments: [String] = []) throws(Failure)
        -> UInt64
    {
        var made: OpaquePointer?
        try check(
            "sd_bus_message_new_method_call",
            sd.sd_bus_message_new_method_call(bus, &made, nil, path, interface, member))
        guard let made else { throw Failure(call: "sd_bus_message_new_method_call", errno: ENOMEM) }
        defer { _ = sd.sd_bus_message_unref(made) }
        for argument in arguments {
            let result = argument.withCString { sd.sd_bus_message_append_basic(made, CChar(UInt8(ascii: "s")), $0) }
            try check("sd_bus_message_append_basic", result)
        }
        var cookie: UInt64 = 0
        try check("sd_bus_send", sd.sd_bus_send(bus, made, &cookie))
        return cookie
    }

    /// Characters other than these are written `%xx` in an address (D-Bus specification, "Server Addresses").
    private static func escape(_ path: String) -> String {
        path.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-_/.\\*".contains(character) {
                return String(character)
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    @discardableResult
    func check(_ call: String, _ result: Int32) throws(Failure) -> Int32 {
        if result < 0 { throw Failure(call: call, errno: -result) }
        return result
    }
}
