import ControlSocket
public import EventModel
public import Glibc

/// The manager that started us, as sd_notify(3) speaks to it: `READY=1` and the like in datagrams to $NOTIFY_SOCKET.
public final class NotifySocket {
    private let name: String
    private let descriptor: Int32
    /// How often the manager wants to hear of us (WatchdogSec=); nil where it does not care.
    public let watchdog: Interval?

    /// Nil where nobody listens. `environment` gives the value of a variable.
    public init?(
        pid: Int32 = getpid(), environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        guard let name = environment("NOTIFY_SOCKET"), name.hasPrefix("/") || name.hasPrefix("@"),
            let descriptor = try? UnixSocket.make(SOCK_DGRAM, nonBlocking: true)
        else { return nil }
        self.name = name
        self.descriptor = descriptor
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(pid) } ?? true
        let microseconds = environment("WATCHDOG_USEC").flatMap { UInt64($0) } ?? 0
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
        watchdog = isOurs && microseconds > 0 && !overflow ? Interval(nanoseconds: nanoseconds) : nil
    }

    deinit { close(descriptor) }

    /// A manager that does not listen now is no reason to stop.
    public func send(_ state: String) {
        let bytes = Array(state.utf8)
        try? UnixSocket.withAddress(of: name) { (address, length) throws(SystemCallError) in
            _ = sendto(descriptor, bytes, bytes.count, UnixSocket.noSignal, address, length)
        }
    }

    public func ready(_ status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }
    public func status(_ status: String) { send("STATUS=\(Self.line(status))") }
    public func stopping() { send("STOPPING=1\nSTATUS=ending") }
    public func alive() { send("WATCHDOG=1") }

    /// A newline would begin another variable.
    private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
}
