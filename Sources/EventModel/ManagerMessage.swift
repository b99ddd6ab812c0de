/// A D-Bus message on a socket of a service manager or of a bus, seen where the kernel sends it; the event's process is
/// the sender. Only what tells who asked whom for what is kept of its body. What a container engine is asked for over HTTP
/// is told in the same form, as a call without a serial.
///
/// The event's time is when the send was done: the other side may by then have acted on it, and even answered. What
/// belongs together is told by the connection and the serial, never by the order.
public struct ManagerMessage: Hashable, Sendable {
    /// As in the message's header (D-Bus specification, "Message Format").
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case call = 1
        case reply = 2
        case error = 3
        case signal = 4
    }

    public var kind: Kind
    public var serial: UInt32
    /// The serial of the call that this answers.
    public var replySerial: UInt32?
    /// Inode of the socket that it was sent on. A connection is the pair of both; an answer has them the other way round.
    public var socket: UInt64
    /// Inode of the socket at the other end; 0 where it is not known.
    public var peerSocket: UInt64
    /// Who is at the other end (SO_PEERCRED: who connected, or who called listen(2), which for a socket that systemd
    /// hands out is systemd); nil where it is unknown.
    public var peer: ProcessKey?
    /// Sent by the end that listens: by a manager or a bus daemon, not by its client.
    public var isFromListener: Bool
    /// Path that the listening end is bound to, `/run/systemd/private`; empty for an unnamed pair.
    public var address: String
    public var destination: String?
    /// The unique name that a bus daemon added: it passed the message on, and the caller is another process.
    public var sender: String?
    public var path: String?
    public var interface: String?
    public var member: String?
    public var errorName: String?
    /// The leading arguments that are text, paths, numbers or flags; what follows a value of another type is left out.
    public var arguments: [Argument]
    /// Not all of the message was captured.
    public var isCut: Bool

    /// The `interface` of what a container engine is asked for; `member` is the verb, the argument names the container.
    public static let engineInterface = "container-engine"

    public enum Argument: Hashable, Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case list([String])
    }

    public init(
        kind: Kind, serial: UInt32, replySerial: UInt32? = nil, socket: UInt64 = 0, peerSocket: UInt64 = 0,
        peer: ProcessKey? = nil, isFromListener: Bool = false, address: String = "", destination: String? = nil,
        sender: String? = nil,
        path: String? = nil, interface: String? = nil, member: String? = nil, errorName: String? = nil,
        arguments: [Argument] = [], isCut: Bool = false
    ) {
        self.kind = kind
        self.serial = serial
        self.replySerial = replySerial
        self.socket = socket
        self.peerSocket = peerSocket
        self.peer = peer
        self.isFromListener = isFromListener
        self.address = address
        self.destination = destination
        self.sender = sender
        self.path = path
        self.interface = interface
        self.member = member
        self.errorName = errorName
        self.arguments = arguments
        self.isCut = isCut
    }
}
