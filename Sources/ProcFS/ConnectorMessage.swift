public import EventModel

/// What the kernel's process connector tells of a process (linux/cn_proc.h). Threads are left out.
public struct ConnectorEvent: Hashable, Sendable {
    public var time: BootTime
    public var change: Change

    public init(time: BootTime, change: Change) {
        self.time = time
        self.change = change
    }

    public enum Change: Hashable, Sendable {
        /// `parent` is the child's parent, which under CLONE_PARENT is not the process that made it.
        case fork(parent: Int32, child: Int32)
        case exec(pid: Int32)
        /// The thread leader ended; other threads may live on, and one of them may be about to become the leader by exec.
        case leaderExit(pid: Int32, status: ExitStatus)
        case userChange(pid: Int32, real: UInt32, effective: UInt32)
        case rename(pid: Int32, comm: String)
        case coreDump(pid: Int32)
    }
}

/// One message of the connector: a netlink header, a connector header, a `struct proc_event`.
public struct ConnectorMessage: Hashable, Sendable {
    /// The CPU it was made on; 2^32 - 1 for none. Each counts its own messages.
    public var cpu: UInt32
    public var sequence: UInt32
    /// For an answer, one more than what the request had here.
    public var acknowledgement: UInt32
    public var content: Content

    public enum Content: Hashable, Sendable {
        case event(ConnectorEvent)
        /// The answer to a request, with its errno.
        case answer(errno: UInt32)
        /// Of a thread, or of a kind that is of no use here.
        case other
    }

    /// All messages of a datagram, and how many pieces of it could not be understood. Times are CLOCK_MONOTONIC in the
    /// message; `suspended` is what CLOCK_BOOTTIME is ahead of that.
    public static func parse(_ datagram: ArraySlice<UInt8>, suspended: Interval)
        -> (messages: [ConnectorMessage], malformed: Int)
    {
        var messages: [ConnectorMessage] = []
        var malformed = 0
        var rest = datagram
        while !rest.isEmpty {
            // A length that does not fit leaves no way to find the next message.
            guard let length = rest.integer(at: 0, UInt32.self).map(Int.init), length >= Offset.connector,
                length <= rest.count
            else { return (messages, malformed + 1) }
            if let message = ConnectorMessage(netlink: rest.prefix(length), suspended: suspended) {
                messages.append(message)
            } else {
                malformed += 1
            }
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return (messages, malformed)
    }

    /// Where things are, in bytes from the beginning of `nlmsghdr`, then from that of `proc_event`.
    private enum Offset {
        static let type = 4
        static let connector = 16
        static let sequence = connector + 8
        static let acknowledgement = connector + 12
        static let length = connector + 16
        static let event = connector + 20

        static let cpu = 4
        static let timestamp = 8
        static let data = 16
    }

    private static let done: UInt16 = 3  // NLMSG_DONE
    private static let processIndex: UInt64 = 1 | 1 << 32  // CN_IDX_PROC, CN_VAL_PROC

    private init?(netlink message: Bytes, suspended: Interval) {
        guard message.integer(at: Offset.type) == Self.done,
            let index = message.integer(at: Offset.connector, UInt32.self),
            let value = message.integer(at: Offset.connector + 4, UInt32.self),
            UInt64(index) | UInt64(value) << 32 == Self.processIndex,
            let sequence = message.integer(at: Offset.sequence, UInt32.self),
            let acknowledgement = message.integer(at: Offset.acknowledgement, UInt32.self),
            let length = message.integer(at: Offset.length, UInt16.self),
            message.count - Offset.event >= Int(length)
        else { return nil }
        let event = message.dropFirst(Offset.event).prefix(Int(length))
        guard let kind = event.integer(at: 0, UInt32.self), let cpu = event.integer(at: Offset.cpu, UInt32.self),
            let timestamp = event.integer(at: Offset.timestamp, UInt64.self),
            let content = Self.content(
                kind: kind, data: event.dropFirst(Offset.data), time: BootTime(nanoseconds: timestamp) + suspended)
        else { return nil }
        self.cpu = cpu
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.content = content
    }

    /// Nil when the data is shorter than its kind demands.
    private static func content(kind: UInt32, data: Bytes, time: BootTime) -> Content? {
        guard kind != 0 else { return data.integer(at: 0).map(Content.answer) }
        guard let thread = data.integer(at: 0, Int32.self), let pid = data.integer(at: 4, Int32.self) else {
            return nil
        }
        let change: ConnectorEvent.Change
        var isProcess = thread == pid
        switch kind {
        case 0x1:
            guard let child = data.integer(at: 8, Int32.self), let group = data.integer(at: 12, Int32.self) else {
                return nil
            }
            isProcess = child == group
            change = .fork(parent: pid, child: child)
        case 0x2: change = .exec(pid: pid)
        case 0x4:
            guard let real = data.integer(at: 8, UInt32.self), let effective = data.integer(at: 12, UInt32.self) else {
                return nil
            }
            change = .userChange(pid: pid, real: real, effective: effective)
        case 0x200:
            guard data.count >= 24 else { return nil }
            change = .rename(pid: pid, comm: data.dropFirst(8).prefix(16).prefix { $0 != 0 }.text)
        case 0x4000_0000:
            isProcess = true  // whichever thread dumps, the process does
            change = .coreDump(pid: pid)
        case 0x8000_0000:
            guard let status = data.integer(at: 8, UInt32.self) else { return nil }
            change = .leaderExit(pid: pid, status: ExitStatus(rawValue: status))
        default: return .other
        }
        return isProcess ? .event(ConnectorEvent(time: time, change: change)) : .other
    }
}

/// Counts what is missing in the messages: every CPU numbers its own without a gap.
struct ConnectorSequence {
    private var next: [UInt32: UInt32] = [:]

    /// How many messages of the same CPU are missing before this one.
    mutating func missing(before message: ConnectorMessage) -> UInt64 {
        // Answers of older kernels are numbered by the request, and are of no CPU.
        guard message.cpu != .max, next.count < 65_536 || next[message.cpu] != nil else { return 0 }
        defer { next[message.cpu] = message.sequence &+ 1 }
        guard let expected = next[message.cpu] else { return 0 }
        let missing = message.sequence &- expected
        // More than half of all numbers ahead is behind: the counter was set anew.
        return missing > .max / 2 ? 0 : UInt64(missing)
    }
}
