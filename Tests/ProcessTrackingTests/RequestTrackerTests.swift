import EventModel
import Testing

@testable import ProcessTracking

/// A host with a system's and a user's manager, an agent's client (pid 3, membership 7) and a person's (pid 4).
private final class Host {
    var table = ProcessTable(capacity: 1 << 20)
    var cgroups = CgroupTree()
    var tracker = RequestTracker(capacity: 64)
    var now: UInt64 = 1000
    private var nextCgroup: UInt64 = 100
    private var nextPID: Int32 = 100
    let manager = key(1), userManager = key(2), client = key(3), person = key(4)

    init() {
        for (id, parent, name) in [
            (1, 0, ""), (2, 1, "system.slice"), (3, 1, "user.slice"), (4, 3, "user-1000.slice"),
            (5, 4, "user@1000.service"), (6, 5, "app.slice"), (7, 5, "init.scope"),
        ] as [(UInt64, UInt64, String)] {
            cgroups.apply(made(id, parent, name))
        }
        take(fork(nil, manager))
        var birth = fork(manager, userManager)
        birth.cgroup = CgroupID(rawValue: 7)
        take(birth)
        var image = exec(userManager, "/lib/systemd/systemd")
        image.cgroup = CgroupID(rawValue: 7)
        take(image)
        for process in [client, person] { take(fork(manager, process)) }
        table.setTag(7, for: client, at: time(5))
    }

    private func made(_ id: UInt64, _ parent: UInt64, _ name: String) -> Event {
        Event(
            time: time(1), source: .bpf,
            body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name)))
    }

    func take(_ event: Event) {
        cgroups.apply(event)
        table.apply(event)
        tracker.apply(event, &table, cgroups)
        #expect(table.violations() == [])
    }

    func tick() -> BootTime {
        now += 1
        return time(now)
    }

    func send(_ process: ProcessKey, _ message: ManagerMessage) {
        take(Event(time: tick(), source: .bpf, process: process, body: .managerMessage(message)))
    }

    enum Answer { case made, refused, none }

    func ask(
        _ process: ProcessKey, _ names: [String], _ answer: Answer = .made, socket: UInt64 = 50, user: Bool = false,
        peer: ProcessKey? = nil
    ) {
        var call = ManagerMessage(
            kind: .call, serial: 3, socket: socket, peerSocket: socket + 1,
            peer: peer ?? (user ? userManager : manager),
            address: user ? "/run/user/1000/systemd/private" : "/run/systemd/private",
            path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager",
            member: "StartTransientUnit")
        call.arguments = [.text(names.first ?? ""), .text("fail")]
        if names.count > 1 { call.arguments.append(.list(Array(names.dropFirst()))) }
        send(process, call)
        self.answer(answer, socket: socket, by: user ? userManager : manager)
    }

    func answer(_ answer: Answer, socket: UInt64, by sender: ProcessKey) {
        guard answer != .none else { return }
        var reply = ManagerMessage(
            kind: answer == .made ? .reply : .error, serial: 9, replySerial: 3, socket: socket + 1, peerSocket: socket,
            isFromListener: true)
        if answer == .made { reply.arguments = [.text("/org/freedesktop/systemd1/job/17")] }
        send(sender, reply)
    }

    /// The manager makes the unit's cgroup, forks, and the child goes there; or it is made in there.
    func start(_ unit: String, user: Bool = false, inPlace: Bool = false, by maker: ProcessKey? = nil)
        -> ProcessKey
    {
        nextCgroup += 1
        nextPID += 1
        cgroups.apply(made(nextCgroup, user ? 6 : 2, unit))
        let maker = maker ?? (user ? userManager : manager)
        let worker = ProcessKey(pid: nextPID, start: tick())
        var birth = fork(maker, worker)
        birth.cgroup = inPlace ? CgroupID(rawValue: nextCgroup) : table.cgroup(of: maker) ?? .unknown
        take(birth)
        if !inPlace {
            take(
                Event(
                    time: tick(), source: .bpf, process: worker, cgroup: CgroupID(rawValue: nextCgroup),
                    body: .cgroup(.moved)))
        }
        return worker
    }

    func state(_ unit: String, _ active: String, files: [String] = []) {
        let state = UnitState(
            unit: UnitID(manager: .system, name: unit), active: active, sub: active, files: files)
        take(Event(time: tick(), source: .systemd, body: .unit(state)))
    }

    func requester(_ worker: ProcessKey) -> ProcessKey? { table.request(of: worker)?.requester }
}

@Suite struct TransientUnitTests {
    @Test(arguments: [false, true], [false, true]) func whatTheManagerStartsInTheUnitIsTheRequesters(
        user: Bool, inPlace: Bool
    ) {
        let host = Host()
        host.ask(host.client, ["run-u1.service"], user: user)
        let worker = host.start("run-u1.service", user: user, inPlace: inPlace)
        #expect(host.requester(worker) == host.client)
        #expect(host.table.tag(of: worker) == 7)
        #expect(host.table.request(of: worker)?.via == "StartTransientUnit run-u1.service")
        #expect(host.table.request(of: worker)?.certainty == .named)
    }

    @Test func aTimersServiceIsTheRequestersHoweverLateItComes() {
        let host = Host()
        host.ask(host.client, ["run-r1.timer", "other.service"])
        host.ask(host.client, ["nightly.timer"], socket: 60)
        host.take(exit(host.client, at: host.tick()))
        host.now += 3 * 86_400_000
        #expect(host.requester(host.start("other.service")) == host.client)
        #expect(host.requester(host.start("nightly.service")) == host.client)
        host.now += 86_400_000
        #expect(host.requester(host.start("nightly.service")) == host.client)
    }

    @Test func aTimerThatIsGoneAsksForNothing() {
        let host = Host()
        host.ask(host.client, ["nightly.timer", "nightly.service"])
        #expect(host.requester(host.start("nightly.service")) == host.client)
        host.state("nightly.timer", "inactive")
        #expect(host.requester(host.start("nightly.service")) == nil)
    }

    @Test func aNameThatAnotherUsesLaterIsTheOthers() {
        let host = Host()
        host.ask(host.client, ["backup.service"])
        #expect(host.requester(host.start("backup.service")) == host.client)
        host.ask(host.person, ["backup.service"], socket: 60)
        let second = host.start("backup.service")
        #expect(host.requester(second) == host.person && host.table.tag(of: second) == 0)
    }

    @Test func aUnitOfAFileIsNobodysRequest() {
        let host = Host()
        host.ask(host.client, ["backup.service"])
        _ = host.start("backup.service")
        host.state("backup.service", "active", files: ["/etc/systemd/system/backup.service"])
        #expect(host.requester(host.start("backup.service")) == nil)
    }

    @Test func aUnitThatEndedAndOneThatIsLongAgoAskForNothing() {
        let host = Host()
        host.ask(host.client, ["backup.service"])
        _ = host.start("backup.service")
        host.state("backup.service", "inactive")
        #expect(host.requester(host.start("backup.service")) == nil)
        host.ask(host.client, ["sync.service"], socket: 60)
        host.now += 61_000
        #expect(host.requester(host.start("sync.service")) == nil)
    }

    @Test func aRestartOfTheSameUnitIsStillTheRequesters() {
        let host = Host()
        host.ask(host.client, ["backup.service"])
        for _ in 0..<3 {
            host.now += 50_000
            #expect(host.requester(host.start("backup.service")) == host.client)
        }
    }

    @Test func aRefusedCallIsNone() {
        let host = Host()
        host.ask(host.person, ["backup.service"])
        host.ask(host.client, ["backup.service"], .refused, socket: 60)
        #expect(host.requester(host.start("backup.service")) == host.person)
    }

    @Test func aCallWithoutAnAnswerCountsWhereNobodyElseAsked() {
        let host = Host()
        host.ask(host.client, ["backup.service"], .none)
        let first = host.start("backup.service")
        #expect(host.table.request(of: first)?.certainty == .named)
        host.ask(host.person, ["backup.service"], .none, socket: 60)
        let second = host.start("backup.service")
        #expect(host.table.request(of: second)?.certainty == .inferred)
    }

    /// The record of a send is made when it is done: by then the manager may have answered, and forked.
    @Test func aCallThatIsRecordedLateIsJoinedToWhatItLedTo() {
        let host = Host()
        host.answer(.made, socket: 50, by: host.manager)
        let worker = host.start("run-u1.service")
        host.ask(host.client, ["run-u1.service"], .none)
        #expect(host.requester(worker) == host.client && host.table.tag(of: worker) == 7)
        host.answer(.refused, socket: 60, by: host.manager)
        host.ask(host.client, ["run-u2.service"], .none, socket: 60)
        #expect(host.requester(host.start("run-u2.service")) == nil)
    }

    @Test func onlyTheUnitsOwnManagerStartsWork() {
        let host = Host()
        host.ask(host.client, ["run-u1.service"])
        #expect(host.requester(host.start("run-u1.service", user: true)) == nil)
        #expect(host.requester(host.start("run-u1.service", by: host.person)) == nil)
        #expect(host.requester(host.start("run-u2.service")) == nil)
    }

    @Test func aSocketOfThatPathThatIsNotTheManagersDoesNotCount() {
        let host = Host()
        host.ask(host.client, ["run-u1.service"], .none, peer: host.person)
        #expect(host.requester(host.start("run-u1.service")) == nil)
    }

    @Test func aBridgePassesTheCallersRequestOn() {
        let host = Host()
        var first = ManagerMessage(
            kind: .call, serial: 3, socket: 70, path: "/org/freedesktop/systemd1",
            interface: "org.freedesktop.systemd1.Manager", member: "StartTransientUnit",
            arguments: [.text("run-u1.service"), .text("fail")])
        first.address = ""
        host.send(host.client, first)
        host.ask(host.person, ["run-u1.service"])
        #expect(host.requester(host.start("run-u1.service")) == host.client)
    }

    @Test func scopesAskForNothing() {
        let host = Host()
        host.ask(host.client, ["run-u1.scope"])
        #expect(host.tracker.units.asked.isEmpty)
    }

    @Test func whatWaitsForATimerIsRememberedLongest() {
        let host = Host()
        host.ask(host.client, ["later.timer"])
        for number in UInt64(0)..<500 {
            host.ask(host.person, ["run-u\(number).service"], socket: 1000 + number * 2)
            #expect(host.tracker.units.asked.count <= 64)
        }
        #expect(host.requester(host.start("later.service")) == host.client)
        #expect(host.requester(host.start("run-u499.service")) == host.person)
        #expect(host.requester(host.start("run-u1.service")) == nil)
    }

    @Test func namesThatAreMadeUp() {
        let madeUp = ["run-u12.service", "run-r0123456789abcdef0123456789abcdef.timer", "run-p12-i345.service"]
        for name in madeUp { #expect(TransientUnits.isMadeUp(name)) }
        for name in [
            "run-backup.service", "run-u.service", "run-", "run-r12.service", "run-p-i1.service", "u1.service",
        ] {
            #expect(!TransientUnits.isMadeUp(name))
        }
    }
}
