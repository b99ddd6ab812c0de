import EventModel
import Testing

@Suite struct ManagerChainTests {
    @Test(
        arguments: [
            ("/run/systemd/private", .system, false), ("/run/dbus/system_bus_socket", .system, true),
            ("/var/run/dbus/system_bus_socket", .system, true), ("/run/user/1000/systemd/private", .user(1000), false),
            ("/run/user/0/bus", .user(0), true), ("/run/user/x/bus", nil, true), ("/run/user/1/bus/x", nil, false),
            ("/run/user/1", nil, false), ("/run/systemd/notify", nil, false), ("", nil, false),
            ("/tmp/run/user/1/bus", nil, true),
        ] as [(String, ManagerScope?, Bool)])
    func addresses(_ address: String, _ manager: ManagerScope?, _ isOnBus: Bool) {
        let message = ManagerMessage(kind: .call, serial: 1, address: address)
        #expect(message.manager == manager)
        #expect(message.isOnBus == isOnBus)
    }

    static let call = ManagerMessage(
        kind: .call, serial: 7, socket: 100, peerSocket: 200, address: "/run/systemd/private",
        path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager", member: "RestartUnit",
        arguments: [.text("web.service"), .text("replace")])
    static let reply = ManagerMessage(
        kind: .reply, serial: 3, replySerial: 7, socket: 200, peerSocket: 100, isFromListener: true,
        address: "/run/systemd/private", arguments: [.text("/org/freedesktop/systemd1/job/1207")])

    static func changed(_ message: ManagerMessage, _ change: (inout ManagerMessage) -> Void) -> ManagerMessage {
        var message = message
        change(&message)
        return message
    }

    @Test func answers() {
        #expect(Self.reply.answers(Self.call))
        #expect(Self.reply.answers(Self.changed(Self.call) { $0.peerSocket = 0 }))
        #expect(Self.changed(Self.reply) { $0.kind = .error }.answers(Self.call))
        #expect(!Self.changed(Self.reply) { $0.replySerial = 8 }.answers(Self.call))
        #expect(!Self.changed(Self.reply) { $0.peerSocket = 101 }.answers(Self.call))
        #expect(!Self.changed(Self.reply) { $0.socket = 201 }.answers(Self.call))
        #expect(!Self.changed(Self.reply) { $0.kind = .signal }.answers(Self.call))
        #expect(!Self.call.answers(Self.reply))
    }

    @Test func jobs() {
        #expect(Self.reply.jobs == [1207])
        #expect(Self.call.jobs == [])
        let many = Self.changed(Self.reply) {
            $0.arguments = [
                .number(3), .list(["/org/freedesktop/systemd1/job/1", "/x", "/org/freedesktop/systemd1/job/2"]),
            ]
        }
        #expect(many.jobs == [1, 2])
        let none = Self.changed(Self.reply) { $0.arguments = [.text("/org/freedesktop/systemd1/job/99999999999")] }
        #expect(none.jobs == [])
    }

    @Test func forwarded() {
        let hop = Self.changed(Self.call) {
            $0.address = "/run/dbus/system_bus_socket"
            $0.sender = ":1.4"
            $0.isFromListener = true
            $0.socket = 300
        }
        #expect(hop.isForwarded)
        #expect(hop.isSameCall(as: Self.call))
        #expect(!Self.changed(hop) { $0.serial = 8 }.isSameCall(as: Self.call))
        #expect(!Self.changed(hop) { $0.arguments = [] }.isSameCall(as: Self.call))
        #expect(!Self.call.isForwarded)
        // A caller that writes a sender into its own call is still the caller.
        #expect(!Self.changed(hop) { $0.isFromListener = false }.isForwarded)
        #expect(!Self.changed(hop) { $0.address = "/run/systemd/private" }.isForwarded)
    }
}
