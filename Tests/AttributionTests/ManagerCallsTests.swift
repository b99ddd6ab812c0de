import EventModel
import IncidentDetection
import ProcessTracking
import Testing

@testable import Attribution

/// The index of calls: whose they are, and what became of them.
@Suite struct ManagerCallsTests {
    private func calls(_ scene: UnitScene) -> ManagerCalls {
        ManagerCalls(scene.events, ServiceManagers(table: scene.table, cgroups: scene.cgroups))
    }

    @Test(arguments: [UnitScene.Road.direct, .bus, .bridge]) func oneCallIsOneWhateverItPasses(_ road: UnitScene.Road)
        throws
    {
        for isUser in [true, false] {
            let scene = try UnitScene(user: isUser)
            let client = scene.start(scene.shell, "/usr/bin/systemctl")
            scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(7), over: road)
            let all = calls(scene).all
            #expect(all.map(\.caller) == [client])
            #expect(all.first?.answer == .jobs([7]))
            #expect(all.first?.answeredBy == scene.manager)
            #expect(all.first?.request.manager == scene.unit.manager)
        }
    }

    /// The record of a send may come after that of the answer.
    @Test func orderDoesNotMatter() throws {
        let scene = try UnitScene()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(7), over: .bus)
        let reversed = ManagerCalls(
            scene.events.reversed(), ServiceManagers(table: scene.table, cgroups: scene.cgroups))
        #expect(reversed.all == calls(scene).all)
    }

    @Test func withoutAnAnswer() throws {
        for road in [UnitScene.Road.direct, .bus] {
            let scene = try UnitScene()
            let client = scene.start(scene.shell, "/usr/bin/dbus-send")
            scene.call(client, "RestartUnit", ["prod.service", "replace"], .none, over: road)
            #expect(calls(scene).all.map(\.caller) == [client])
            #expect(calls(scene).all.map(\.answer) == [.unseen])
        }
    }

    /// An agent that plays both ends of a connection, wherever it says that this is bound to.
    @Test(arguments: ["/run/systemd/private", "", "/tmp/bus"]) func aConversationWithOneselfIsNone(_ address: String)
        throws
    {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let (a, b) = (scene.fork(shell), scene.fork(shell))
        scene.send(
            a,
            ManagerMessage(
                kind: .call, serial: 9, socket: 1, peerSocket: 2, peer: b, address: address,
                path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager",
                member: "RestartUnit", arguments: [.text("prod.service"), .text("replace")]))
        scene.send(
            b,
            ManagerMessage(
                kind: .reply, serial: 3, replySerial: 9, socket: 2, peerSocket: 1, isFromListener: true,
                address: address, arguments: [.text("/org/freedesktop/systemd1/job/7")]))
        #expect(calls(scene).all.isEmpty)
    }

    /// What a caller writes into `sender` changes nothing: it is still the caller.
    @Test func aForgedSender() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        for address in ["/run/systemd/private", "/run/dbus/system_bus_socket"] {
            scene.send(
                shell,
                ManagerMessage(
                    kind: .call, serial: 9, socket: 1, peerSocket: 2, peer: scene.pid1, address: address,
                    sender: ":1.7", path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager",
                    member: "StopUnit", arguments: [.text("prod.service"), .text("replace")]))
        }
        #expect(calls(scene).all.allSatisfy { $0.caller == shell })
        #expect(!calls(scene).all.isEmpty)
    }

    /// Only the daemon's hop was seen: somebody asked, and it was not the daemon.
    @Test func whereOnlyTheDaemonWasSeen() throws {
        let scene = try UnitScene()
        let client = scene.start(scene.shell, "/usr/bin/busctl")
        let before = scene.events.count
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(7), over: .bus)
        let kept = scene.events.enumerated().filter { $0.offset < before || $0.element.process != client }.map(
            \.element)
        let index = ManagerCalls(kept, ServiceManagers(table: scene.table, cgroups: scene.cgroups))
        #expect(index.all.map(\.caller) == [nil])
        #expect(index.all.first?.jobs == [7])
    }

    /// Job numbers are a manager's own.
    @Test func theSameNumberOfAnotherManager() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let other = scene.start(shell, "/usr/bin/systemctl")
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(other, "RestartUnit", ["prod.service", "replace"], .job(job), to: .user(1000))
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        #expect(Ruling(scene.prodEnds()) == Ruling(.operator, .managerRequest, .proven, client))
    }

    @Test func whoIsAManager() throws {
        let scene = try UnitScene()
        let managers = ServiceManagers(table: scene.table, cgroups: scene.cgroups)
        let (_, shell) = scene.agent()
        let fake = scene.start(shell, "/lib/systemd/systemd", cgroup: 27)
        #expect(managers.scope(of: scene.pid1) == .system)
        #expect(managers.scope(of: scene.userManager) == .user(1000))
        for process in [fake, scene.bus, scene.logind, shell] {
            #expect(ServiceManagers(table: scene.table, cgroups: scene.cgroups).scope(of: process) == nil)
        }
        #expect(managers.isLogind(scene.logind) && !managers.isLogind(scene.bus))
    }
}
