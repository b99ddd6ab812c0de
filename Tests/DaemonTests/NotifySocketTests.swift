import ControlSocket
import Daemon
import EventModel
import Glibc
import Testing

@Suite struct NotifySocketTests {
    /// A manager that listens there, and what it hears.
    private func heard(_ name: String, _ body: (NotifySocket) -> Void) throws -> [String] {
        let manager = try UnixSocket.make(SOCK_DGRAM, nonBlocking: true)
        defer { close(manager) }
        try UnixSocket.withAddress(of: name) { (address, length) throws(SystemCallError) in
            guard bind(manager, address, length) == 0 else {
                throw SystemCallError(call: "bind", object: name, errno: errno)
            }
        }
        defer { unlink(name) }
        body(try #require(NotifySocket { $0 == "NOTIFY_SOCKET" ? name : nil }))
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(manager, &buffer, buffer.count, 0), count > 0 {
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        return messages
    }

    @Test(arguments: ["/tmp/culprit-notify-\(getpid())", "@culprit-notify-\(getpid())"])
    func whatIsSaid(_ name: String) throws {
        let messages = try heard(name) { notify in
            notify.ready("Recording\nMAINPID=1")
            notify.alive()
            notify.stopping()
        }
        #expect(
            messages == ["READY=1\nSTATUS=Recording MAINPID=1", "WATCHDOG=1", "STOPPING=1\nSTATUS=ending"],
            "a status cannot set another variable")
    }

    @Test func nobodyListens() throws {
        #expect(NotifySocket { _ in nil } == nil)
        #expect(NotifySocket { _ in "relative" } == nil)
        let long = "/" + String(repeating: "x", count: 200)
        for name in ["/nonexistent/socket", "@nobody-\(getpid())", long, "/a\0b"] {
            try #require(NotifySocket { $0 == "NOTIFY_SOCKET" ? name : nil }).ready("x")
        }
    }

    @Test(
        arguments: [
            ("30000000", "7", 30_000_000_000), ("1", nil, 1000), ("30000000", "8", nil), ("0", "7", nil),
            ("x", "7", nil),
            ("18446744073709551615", "7", nil),
        ] as [(String, String?, UInt64?)])
    func watchdog(_ microseconds: String, _ pid: String?, _ expected: UInt64?) throws {
        let values = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": microseconds, "WATCHDOG_PID": pid]
        let notify = try #require(NotifySocket(pid: 7) { values[$0] ?? nil })
        #expect(notify.watchdog?.nanoseconds == expected)
    }
}
