import BusMessages
import EventModel
import Testing

@Suite struct CapturedTests {
    static let unit = "/org/freedesktop/systemd1/unit/by_2dpath_2eservice"

    @Test(
        arguments: [
            ("systemctl-restart", .restart, ["web.service"], "replace", nil),
            ("systemctl-stop", .stop, ["refused.service"], "replace", nil),
            ("systemctl-kill", .kill, ["web.service"], nil, nil),
            ("systemctl-set-property", .setProperties, ["web.service"], nil, nil),
            ("systemd-run", .startTransient, ["made.service"], "fail", nil),
            ("systemd-run-timer", .startTransient, ["later.timer", "later.service"], "fail", nil),
            ("busctl-forwarded", .stop, ["by-busctl.service"], "fail", ":1.1"),
            ("busctl-by-path-forwarded", .restart, ["by-path.service"], "replace", ":1.3"),
            ("dbus-send-forwarded", .restart, ["by-dbus-send.service"], "replace", ":1.4"),
            ("gdbus-forwarded", .start, ["by-gdbus.service"], "replace", ":1.5"),
            ("busctl-terminate-user-forwarded", .terminateUser, [], nil, ":1.6"),
        ] as [(String, ManagerCall.Verb, [String], String?, String?)])
    func call(_ name: String, _ verb: ManagerCall.Verb, _ units: [String], _ mode: String?, _ sender: String?) throws {
        let found = messages(try Captured.message(name))
        let message = try #require(found.first)
        #expect(found.count == 1)
        #expect(message.sender == sender)
        #expect(!message.isCut)
        let call = try #require(ManagerCall(message))
        #expect(call.verb == verb)
        #expect(call.units == units)
        #expect(call.mode == mode)
    }

    @Test func details() throws {
        let kill = try #require(messages(try Captured.message("systemctl-kill")).first.flatMap(ManagerCall.init))
        #expect(kill.signal?.name == "SIGUSR1")
        #expect(kill.whom == "all")
        let set = try #require(messages(try Captured.message("systemctl-set-property")).first.flatMap(ManagerCall.init))
        #expect(set.properties == [.init(name: "MemoryMax", value: 64 << 20)])
        let user = try #require(
            messages(try Captured.message("busctl-terminate-user-forwarded")).first.flatMap(ManagerCall.init))
        #expect(user.user == 1000)
    }

    /// systemd-run was given a password in Environment= and in its command.
    @Test func nothingElseOfTheBodyIsKept() throws {
        let bytes = try Captured.message("systemd-run")
        #expect(String(decoding: bytes, as: UTF8.self).contains("hunter2"))
        let message = try #require(messages(bytes).first)
        #expect(message.arguments == [.text("made.service"), .text("fail")])
        #expect(!String(describing: message).contains("hunter2"))
        let timer = try Captured.message("systemd-run-timer")
        #expect(String(decoding: timer, as: UTF8.self).contains("hunter2"))
        #expect(
            messages(timer).first?.arguments == [.text("later.timer"), .text("fail"), .list(["later.service"])])
    }

    @Test func readingIsLeftOut() throws { #expect(messages(try Captured.message("systemctl-get")).isEmpty) }

    @Test func severalInOneSend() throws {
        let authentication = Array("\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n".utf8)
        let names = ["systemctl-get", "systemctl-restart", "dbus-send-forwarded", "systemctl-kill"]
        let all = try names.flatMap { try Captured.message($0) }
        #expect(messages(authentication + all).map(\.member) == ["RestartUnit", "RestartUnit", "KillUnit"])
        #expect(messages(all).map(\.member) == ["RestartUnit", "RestartUnit", "KillUnit"])
        #expect(messages(authentication) == [])
        #expect(messages(Array("\0AUTH EXTERNAL 30\r\n".utf8) + all) == [])
    }

    /// Whatever is missing or changed: no trap, and what is cut says so.
    @Test(arguments: [
        "systemctl-restart", "systemctl-set-property", "dbus-send-forwarded", "systemd-run", "systemd-run-timer",
    ])
    func damaged(_ name: String) throws {
        let whole = try Captured.message(name)
        let untouched = messages(whole)
        for count in 0..<whole.count {
            for message in messages(Array(whole[..<count])) { #expect(message.isCut) }
        }
        for index in whole.indices {
            for byte: UInt8 in [0, 1, 0x7f, 0xff, UInt8(ascii: "a"), UInt8(ascii: "v"), UInt8(ascii: "(")] {
                var bytes = whole
                bytes[index] = byte
                #expect(messages(bytes).count <= untouched.count)
            }
        }
    }
}
