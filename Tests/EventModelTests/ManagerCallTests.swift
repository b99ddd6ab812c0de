import EventModel
import Testing

/// Calls as the decoder hands them on, and what they mean.
@Suite struct ManagerCallTests {
    static let manager = "org.freedesktop.systemd1.Manager"

    static func call(
        _ member: String, _ arguments: [ManagerMessage.Argument] = [], interface: String? = manager,
        path: String = "/org/freedesktop/systemd1", address: String = "/run/systemd/private"
    ) -> ManagerMessage {
        ManagerMessage(
            kind: .call, serial: 2, address: address, path: path, interface: interface, member: member,
            arguments: arguments)
    }

    @Test(
        arguments: [
            ("StartUnit", .start, true), ("StopUnit", .stop, true), ("RestartUnit", .restart, true),
            ("TryRestartUnit", .tryRestart, true), ("ReloadUnit", .reload, true),
            ("ReloadOrRestartUnit", .reloadOrRestart, true), ("ReloadOrTryRestartUnit", .reloadOrTryRestart, true),
            ("StartTransientUnit", .startTransient, true), ("FreezeUnit", .freeze, false),
        ] as [(String, ManagerCall.Verb, Bool)])
    func unitNamed(_ member: String, _ verb: ManagerCall.Verb, _ makesJob: Bool) throws {
        let call = try #require(ManagerCall(Self.call(member, [.text("web.service"), .text("replace")])))
        #expect(call.verb == verb)
        #expect(call.verb.makesJob == makesJob)
        #expect(call.units == ["web.service"])
        #expect(call.mode == "replace")
        #expect(call.manager == .system)
    }

    @Test(
        arguments: [
            ("restart", .restart), ("try-restart", .tryRestart), ("start", .start), ("stop", .stop),
            ("verify-active", .enqueueJob), ("poweroff", .enqueueJob), ("start-transient", .enqueueJob),
        ] as [(String, ManagerCall.Verb)])
    func enqueued(_ type: String, _ verb: ManagerCall.Verb) throws {
        let arguments: [ManagerMessage.Argument] = [.text("web.service"), .text(type), .text("fail")]
        let call = try #require(ManagerCall(Self.call("EnqueueUnitJob", arguments)))
        #expect(call.verb == verb)
        #expect(call.units == ["web.service"])
        #expect(call.mode == "fail")
    }

    @Test(arguments: ["org.freedesktop.systemd1.Unit", nil] as [String?])
    func unitByPath(_ interface: String?) throws {
        let message = Self.call(
            "Restart", [.text("replace")], interface: interface,
            path: "/org/freedesktop/systemd1/unit/web_2dapi_40a_2eservice", address: "/run/user/1000/bus")
        let call = try #require(ManagerCall(message))
        #expect(
            call == ManagerCall(verb: .restart, manager: .user(1000), units: ["web-api@a.service"], mode: "replace"))
    }

    @Test func kill() throws {
        let call = try #require(
            ManagerCall(Self.call("KillUnit", [.text("web.service"), .text("main"), .number(9)])))
        #expect(call.verb == .kill)
        #expect(call.signal == .kill)
        #expect(call.whom == "main")
        #expect(call.mode == nil)
        let unit = Self.call(
            "Kill", [.text("all"), .number(15)], interface: "org.freedesktop.systemd1.Unit",
            path: "/org/freedesktop/systemd1/unit/web_2eservice")
        let byPath = try #require(ManagerCall(unit))
        #expect(byPath.units == ["web.service"])
        #expect(byPath.whom == "all")
        #expect(byPath.signal == .terminate)
    }

    @Test func properties() throws {
        let list: ManagerMessage.Argument = .list(["MemoryMax=1048576", "Environment", "TasksMax=18446744073709551615"])
        let call = try #require(
            ManagerCall(Self.call("SetUnitProperties", [.text("web.service"), .flag(true), list])))
        #expect(
            call.properties == [
                .init(name: "MemoryMax", value: 1_048_576), .init(name: "Environment"),
                .init(name: "TasksMax", value: .max),
            ])
        #expect(call.units == ["web.service"])
        #expect(call.mode == nil)
    }

    @Test func swapAndJobs() throws {
        let swap = Self.call("StartUnitReplace", [.text("old.service"), .text("new.service"), .text("fail")])
        #expect(
            ManagerCall(swap)
                == ManagerCall(verb: .start, manager: .system, units: ["new.service", "old.service"], mode: "fail"))
        #expect(ManagerCall(Self.call("CancelJob", [.number(17)]))?.job == 17)
        let cancel = Self.call(
            "Cancel", interface: "org.freedesktop.systemd1.Job", path: "/org/freedesktop/systemd1/job/18")
        #expect(ManagerCall(cancel)?.job == 18)
        #expect(ManagerCall(Self.call("CancelJob", [.number(-1)]))?.job == nil)
    }

    @Test func unitFiles() throws {
        let call = try #require(
            ManagerCall(Self.call("MaskUnitFiles", [.list(["a.service", "b.service"]), .flag(false), .flag(true)])))
        #expect(call == ManagerCall(verb: .mask, manager: .system, units: ["a.service", "b.service"]))
    }

    @Test(
        arguments: [
            ("Reload", .reloadManager), ("Reexecute", .reexecute), ("PowerOff", .powerOff),
            ("ResetFailed", .resetFailed),
            ("SetEnvironment", .setEnvironment),
        ] as [(String, ManagerCall.Verb)])
    func ofTheManager(_ member: String, _ verb: ManagerCall.Verb) {
        #expect(ManagerCall(Self.call(member)) == ManagerCall(verb: verb, manager: .system))
    }

    static func loginCall(
        _ member: String, _ arguments: [ManagerMessage.Argument], interface: String = "Manager", path: String = ""
    ) -> ManagerMessage {
        call(
            member, arguments, interface: "org.freedesktop.login1.\(interface)",
            path: "/org/freedesktop/login1" + path, address: "/run/dbus/system_bus_socket")
    }

    @Test func logind() throws {
        let session = try #require(ManagerCall(Self.loginCall("TerminateSession", [.text("c3")])))
        #expect(session.verb == .terminateSession)
        #expect(session.session == "c3")
        #expect(session.units.isEmpty)
        let user = try #require(ManagerCall(Self.loginCall("TerminateUser", [.number(1000)])))
        #expect(user.user == 1000)
        let byPath = try #require(ManagerCall(Self.loginCall("Terminate", [], interface: "User", path: "/user/_1000")))
        #expect(byPath.verb == .terminateUser)
        #expect(byPath.user == 1000)
        let kill = try #require(
            ManagerCall(
                Self.loginCall("Kill", [.text("leader"), .number(1)], interface: "Session", path: "/session/_33")))
        #expect(kill.session == "3")
        #expect(kill.whom == "leader")
        #expect(kill.signal == .hangup)
        let reboot = try #require(ManagerCall(Self.loginCall("Reboot", [.flag(true)])))
        #expect(reboot.verb.isOfHost)
        let later = try #require(ManagerCall(Self.loginCall("ScheduleShutdown", [.text("reboot"), .number(1)])))
        #expect(later.mode == "reboot")
        #expect(later.session == nil)
    }

    @Test func loginOnAnotherSocketIsNobodys() {
        var message = Self.loginCall("Reboot", [.flag(false)])
        message.address = "/run/user/1000/bus"
        #expect(ManagerCall(message)?.manager == nil)
    }

    static let readers: [ManagerMessage] = [
        call("GetUnit", [.text("web.service")]), call("ListUnits"), call("Subscribe"), call("Start"),
        call("RestartUnit", interface: "org.example.Manager"), call("Restart", interface: nil, path: "/org/example"),
        call("Get", interface: "org.freedesktop.DBus.Properties"), loginCall("Inhibit", [.text("sleep")]),
    ]

    @Test(arguments: readers)
    func whatOnlyReadsIsNone(_ message: ManagerMessage) { #expect(ManagerCall(message) == nil) }

    @Test func onlyCallsCall() {
        for kind in [ManagerMessage.Kind.reply, .error, .signal] {
            var message = Self.call("RestartUnit", [.text("web.service")])
            message.kind = kind
            #expect(ManagerCall(message) == nil)
        }
    }

    @Test(
        arguments: [
            ("web_2eservice", "web.service"), ("_", ""), ("_5f", "_"), ("a_2", nil), ("a_", nil), ("_zz", nil),
            ("", nil), ("a/b", nil), ("_c3_a4", "ä"), ("_ff", nil), ("dev_2dnull", "dev-null"),
        ] as [(String, String?)])
    func unescaping(_ label: String, _ name: String?) {
        #expect(UnitPath.unit(at: "/org/freedesktop/systemd1/unit/" + label) == name)
    }
}
