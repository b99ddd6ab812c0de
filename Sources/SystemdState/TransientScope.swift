public import EventModel
internal import Glibc
internal import ProcFS

/// A scope of a service manager's for a process that runs already (systemd.scope(5)): a cgroup of its own, with limits.
public struct TransientScope: Hashable, Sendable {
    public var name: String
    public var slice: String
    public var description: String
    /// MemoryMax=, TasksMax=, CPUWeight= and the like.
    public var limits: [(name: String, value: UInt64)] { _limits.map { ($0.name, $0.value) } }
    private var _limits: [Limit]

    private struct Limit: Hashable {
        var name: String
        var value: UInt64
    }

    /// Why there is none.
    public struct Failure: Error, Hashable, Sendable {
        public var why: String
        /// There is no such manager, rather than one that refuses.
        public var hasNoManager: Bool
    }

    public init(name: String, slice: String, description: String, limits: [(name: String, value: UInt64)]) {
        self.name = name
        self.slice = slice
        self.description = description
        _limits = limits.map { Limit(name: $0.name, value: $0.value) }
    }

    /// A manager makes one in milliseconds.
    private static let patience = Interval.seconds(5)

    /// Has the manager take the calling process into it, and waits until that is done.
    public func enter(_ manager: ManagerScope) throws(Failure) {
        let library: SystemdLibrary
        do throws(LibraryMissing) { library = try SystemdLibrary() } catch {
            throw Failure(why: error.why, hasNoManager: true)
        }
        let socket = manager.uid.map { "/run/user/\($0)/systemd/private" } ?? "/run/systemd/private"
        guard access(socket, F_OK) == 0 else {
            throw Failure(why: "no manager listens at \(socket)", hasNoManager: true)
        }
        let why: String?
        do throws(BusConnection.Failure) {
            let bus = try BusConnection(library, path: socket, owner: manager.uid ?? 0)
            // Managers before 253 know no OOMPolicy= of a scope; there an OOM kill never ends all of it.
            why = try start(on: bus, withPolicy: true) == nil ? nil : start(on: bus, withPolicy: false)
        } catch {
            throw Failure(why: "\(error.call): \(String(cString: strerror(error.errno)))", hasNoManager: false)
        }
        if let why { throw Failure(why: why, hasNoManager: false) }
    }

    /// Nil when it is done, or the manager's words.
    private func start(on bus: BusConnection, withPolicy: Bool) throws(BusConnection.Failure) -> String? {
        let call = try BusCall(bus, UnitPath.manager, "org.freedesktop.systemd1.Manager", "StartTransientUnit")
        do throws(BusConnection.Failure) { try write(call, withPolicy: withPolicy) } catch {
            call.free()
            throw error
        }
        let cookie = try call.send()
        return try outcome(of: cookie, on: bus)
    }

    private func write(_ call: BusCall, withPolicy: Bool) throws(BusConnection.Failure) {
        try call.text(name)
        try call.text("fail")
        try call.container("a", "(sv)") { () throws(BusConnection.Failure) in
            try Self.property(call, "Description", "s") { () throws(BusConnection.Failure) in try call.text(description)
            }
            try Self.property(call, "Slice", "s") { () throws(BusConnection.Failure) in try call.text(slice) }
            try Self.property(call, "CollectMode", "s") { () throws(BusConnection.Failure) in
                try call.text("inactive-or-failed")
            }
            if withPolicy {
                try Self.property(call, "OOMPolicy", "s") { () throws(BusConnection.Failure) in
                    try call.text("continue")
                }
            }
            for limit in _limits {
                try Self.property(call, limit.name, "t") { () throws(BusConnection.Failure) in
                    try call.number("t", limit.value)
                }
            }
            try Self.property(call, "PIDs", "au") { () throws(BusConnection.Failure) in
                try call.container("a", "u") { () throws(BusConnection.Failure) in
                    try call.number("u", UInt32(bitPattern: getpid()))
                }
            }
        }
        try call.container("a", "(sa(sv))") { () throws(BusConnection.Failure) in }
    }

    private static func property(
        _ call: BusCall, _ name: String, _ type: String, _ value: () throws(BusConnection.Failure) -> Void
    ) throws(BusConnection.Failure) {
        try call.container("r", "sv") { () throws(BusConnection.Failure) in
            try call.text(name)
            try call.container("v", type, value)
        }
    }

    /// The call is answered by a job, and the end of that is a signal to all.
    private func outcome(of cookie: UInt64, on bus: BusConnection) throws(BusConnection.Failure) -> String? {
        let end = ProcFS.boottimeNow() + Self.patience
        var job: String?
        while ProcFS.boottimeNow() < end {
            switch try bus.next() {
            case .worked: continue
            case .idle:
                var wait = pollfd(fd: bus.descriptor, events: Int16(truncatingIfNeeded: bus.events), revents: 0)
                poll(&wait, 1, 100)
            case .message(let message):
                if message.replyCookie == cookie {
                    if message.kind == .error { return message.text() ?? "it refused, and did not say why" }
                    job = message.text("o")
                } else if let result = Self.end(of: job, message) {
                    return result == "done" ? nil : "its job ended with \(result)"
                }
            }
        }
        return "it did not answer within \(Self.patience.nanoseconds / 1_000_000_000) s"
    }

    private static func end(of job: String?, _ message: BusMessage) -> String? {
        guard let job, message.member == "JobRemoved", message.unsigned() != nil, message.text("o") == job,
            message.text() != nil
        else { return nil }
        return message.text()
    }
}
