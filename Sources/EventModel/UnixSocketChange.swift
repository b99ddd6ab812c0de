/// A UNIX socket that listens was found, was found to have lost its name, or was found gone. The event's process is the one
/// that called listen(2); its time is when the collector looked.
public struct UnixSocketChange: Hashable, Sendable {
    public var step: Step
    public var address: UnixAddress
    /// The socket's inode, as `/proc` names it.
    public var socket: UInt64
    /// When the name was taken or was lost, by its file's own time of change, which goes by the kernel's tick (4 ms or so);
    /// nil where there is no file.
    public var changedAt: BootTime?

    public init(step: Step, address: UnixAddress, socket: UInt64, changedAt: BootTime? = nil) {
        self.step = step
        self.address = address
        self.socket = socket
        self.changedAt = changedAt
    }

    public enum Step: UInt8, Hashable, Sendable, CaseIterable {
        case listening = 0
        /// Its file was removed, or another was put in its place; the socket itself still listens.
        case nameless = 1
        /// Closed by all that had it.
        case closed = 2
    }
}

/// A name that one UNIX socket can have at a time.
public struct UnixAddress: Hashable, Sendable {
    /// The absolute path as given to bind(2), or `@` and an abstract name.
    public var name: String
    /// Device of the file system that the path leads to, or inode of the network namespace of an abstract name: equal names
    /// in different places are different addresses.
    public var place: UInt64

    public init(name: String, place: UInt64) {
        self.name = name
        self.place = place
    }

    public var isAbstract: Bool { name.utf8.first == UInt8(ascii: "@") }
}

/// A UNIX socket that listens, as the kernel's list has it.
public struct UnixListener: Hashable, Sendable {
    public var address: UnixAddress
    public var socket: UInt64
    /// The process that called listen(2), or one that had its pid and is gone; its start is zero then.
    public var opener: ProcessKey
    /// CLOCK_REALTIME in ns of the file's last change; nil where there is no file.
    public var changed: UInt64?
    /// The file has no name any more.
    public var isNameless: Bool

    public init(
        address: UnixAddress, socket: UInt64, opener: ProcessKey, changed: UInt64? = nil, isNameless: Bool = false
    ) {
        self.address = address
        self.socket = socket
        self.opener = opener
        self.changed = changed
        self.isNameless = isNameless
    }
}
