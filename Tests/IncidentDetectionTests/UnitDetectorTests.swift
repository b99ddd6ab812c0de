import EventModel
import IncidentDetection
import ProcessTracking
import Testing
import UnitTracking

/// Sequences that a capture does not show: rivals, late news, what is left out.
@Suite struct UnitDetectorTests {
    static let web = UnitID(manager: .system, name: "web.service")
    static let second: UInt64 = 1_000_000_000
    let bench: Bench

    init() throws { bench = try Bench() }

    func at(_ milliseconds: UInt64) -> BootTime {
        BootTime(nanoseconds: 100 * Self.second + milliseconds * 1_000_000)
    }
    func key(_ pid: Int32) -> ProcessKey {
        ProcessKey(pid: pid, start: BootTime(nanoseconds: UInt64(pid) * 1_000_000 + 7))
    }

    func state(
        _ unit: UnitID = web, _ active: String = "active", _ sub: String = "running", invocation: String = "a",
        main: Int32? = 500, type: String? = nil, result: String = "success", restarts: UInt32 = 0,
        relations: [UnitState.Relation] = [],
        at milliseconds: UInt64
    ) -> Event {
        Event(
            time: at(milliseconds), source: .systemd,
            body: .unit(
                UnitState(
                    unit: unit, active: active, sub: sub, type: type, result: result, invocation: invocation,
                    main: main.map { ProcessKey(pid: $0, start: BootTime(ticks: key($0).start.ticks)) },
                    restarts: restarts, relations: relations)))
    }

    func entry(
        _ id: String, _ unit: UnitID = web, invocation: String? = "a", fields: [String: String] = [:],
        writer: JournalEntry.Writer = .manager(.system), at milliseconds: UInt64
    ) -> Event {
        Event(
            time: at(milliseconds), source: .journal,
            body: .journal(
                JournalEntry(
                    writer: writer, messageID: id, message: "", unit: unit, invocation: invocation,
                    fields: fields.map { .init(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name })))
    }

    func fork(_ pid: Int32, below parent: Int32 = 1, in cgroup: UInt64 = 0) -> Event {
        Event(
            time: key(pid).start, source: .bpf, process: key(parent), cgroup: CgroupID(rawValue: cgroup),
            body: .fork(Fork(child: key(pid), childParentPID: parent, uid: 0)))
    }

    func exit(_ pid: Int32, _ status: EventModel.ExitStatus, at milliseconds: UInt64) -> Event {
        Event(time: at(milliseconds), source: .bpf, process: key(pid), body: .exit(Exit(status: status)))
    }

    func signal(_ signal: Signal, from sender: Int32, to target: Int32, at milliseconds: UInt64) -> Event {
        Event(
            time: at(milliseconds), source: .bpf, process: key(sender),
            body: .signal(
                SignalSent(
                    target: key(target), targetThread: target, signal: signal, code: .user, origin: .process)))
    }

    /// `/system.slice/web.service` as cgroup 3.
    func makeCgroups(_ unit: String = "web.service") {
        for (id, parent, name) in [(1, 0, ""), (2, 1, "system.slice"), (3, 2, unit)] as [(UInt64, UInt64, String)] {
            bench.take(
                Event(
                    time: at(0), source: .cgroup,
                    body: .cgroup(
                        .made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
        }
    }

    let stopping = "de5b426a63be47a7b6ac3eaac82e2f6f"
    let stopped = "9d1aaa27d60140bd96365438aad20286"
    let started = "39f53479d3a045ac8e11786248231fbf"
    let failed = "d9b373ed55a64feb8242e02dbe79a49c"

    /// The collector was gone while it happened: the state is already the new one, the journal tells of the past.
    @Test func readAfterwards() throws {
        bench.take([
            state(invocation: "b", main: 103_015, at: 20_000),
            entry(stopping, fields: ["JOB_ID": "7", "JOB_TYPE": "stop"], at: 3_000),
            entry(stopped, fields: ["JOB_ID": "7", "JOB_TYPE": "restart", "JOB_RESULT": "done"], at: 3_010),
            entry(
                started, invocation: "b", fields: ["JOB_ID": "7", "JOB_TYPE": "start", "JOB_RESULT": "done"], at: 3_020),
        ])
        bench.pass(3000)
        let found = try #require(bench.found.first)
        #expect(bench.found.count == 1)
        #expect(found.disruption.kind == .restarted)
        #expect(found.disruption.at == at(3_010))
        #expect(found.disruption.systemd?.jobType == "restart")
        #expect(found.subject.invocationBefore == "a")
        #expect(found.subject.invocationAfter == "b")
        #expect(found.disruption.mainAfter?.pid == 103_015)
    }

    @Test func whatHadEndedBeforeIsNoNews() {
        bench.take([
            state(Self.web, "failed", "failed", main: nil, result: "signal", at: 0),
            state(Self.web, "inactive", "dead", main: nil, at: 1_000),
        ])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    @Test func anybodyMayLogAnything() {
        let user = ManagerScope.user(1000)
        bench.take([
            state(at: 0), entry(failed, fields: ["UNIT_RESULT": "signal"], writer: .other, at: 1_000),
            entry(failed, fields: ["UNIT_RESULT": "signal"], writer: .manager(user), at: 1_000),
            entry(stopped, writer: .component("systemd-coredump"), at: 1_000),
        ])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
        #expect(bench.units[Self.web]?.latest?.end == nil)
    }

    /// An nginx that replaces its own binary: another main process, the same invocation.
    @Test func aMainProcessThatHandsOver() {
        bench.take([fork(500), state(at: 0), exit(500, .code(0), at: 1_000), state(main: 501, at: 1_200)])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    /// PropertiesChanged of the service interface and of the unit interface are two messages.
    @Test func statesThatAreHalfNew() {
        bench.take([
            state(Self.web, "inactive", "dead", invocation: "z", main: nil, at: 0),
            state(Self.web, "inactive", "dead", invocation: "a", main: 100_500, at: 510),
            state(Self.web, "inactive", "dead", invocation: "a", main: nil, at: 495),
            state(invocation: "a", main: 100_500, at: 510),
        ])
        bench.pass(3000)
        #expect(bench.found.isEmpty)
        bench.take([fork(100_500), exit(100_500, .signal(.terminate), at: 4_000)])
        bench.take([
            state(invocation: "a", main: 104_100, at: 4_110), state(invocation: "b", main: 104_100, at: 4_111),
        ])
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == [.restarted])
        #expect(bench.found.first?.disruption.at == at(4_000))
        #expect(bench.found.first?.disruption.mainBefore?.pid == 100_500)
        #expect(bench.found.first?.disruption.mainAfter?.pid == 104_100)
    }

    @Test func aReloadIsNone() {
        bench.take([
            state(at: 0), state(Self.web, "reloading", "reload", at: 1_000), state(at: 1_100),
            Event(
                time: at(1_000), source: .systemd,
                body: .job(JobChange(unit: Self.web, id: 9, type: "reload", step: .queued))),
        ])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    /// Only what is meant to come and go: a bus service that is idle, a timer's work, a part of systemd.
    @Test(
        arguments: [
            ("web.service", "simple", [], 1), ("web.service", "dbus", [], 0),
            ("web.service", "simple", [.init(kind: .triggeredBy, other: "web.timer")], 0),
            ("systemd-hostnamed.service", "simple", [], 0),
        ] as [(String, String, [UnitState.Relation], Int)])
    func leavingByItself(_ name: String, _ type: String, _ relations: [UnitState.Relation], _ count: Int) {
        let unit = UnitID(manager: .system, name: name)
        bench.take([
            fork(500), state(unit, type: type, relations: relations, at: 0), exit(500, .code(0), at: 1_000),
            state(unit, "inactive", "dead", main: nil, type: type, relations: relations, at: 1_010),
        ])
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == Array(repeating: .stopped, count: count))
    }

    /// The same service killed is a disruption all the same.
    @Test func abusServiceThatIsKilled() {
        bench.take([fork(500), state(type: "dbus", at: 0), exit(500, .signal(.kill), at: 1_000)])
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == [.failed])
        #expect(bench.found.first?.disruption.at == at(1_000))
    }

    @Test(
        arguments: [
            ("run-u12.service", ["*.service"], [], 0), ("run-u12.service", ["run-*.service"], [], 1),
            ("user@1000.service", ["*.service"], [], 0), ("session-3.scope", ["*"], [], 0),
            ("orch-1.service", ["*.service"], ["orch-*.service"], 0),
            ("orch-1.service", ["orch-1.service"], ["orch-*.service"], 1), ("web.service", ["user/*.service"], [], 0),
            ("web.service", ["system/*.service"], [], 1), ("web.service", [], [], 0),
            ("web.socket", ["*.service"], [], 0),
        ] as [(String, [String], [String], Int)])
    func whatIsProduction(_ name: String, _ patterns: [String], _ agents: [String], _ count: Int) throws {
        let bench = try Bench(patterns, agents: agents)
        let unit = UnitID(manager: .system, name: name)
        bench.take([fork(500), state(unit, at: 0), exit(500, .signal(.kill), at: 1_000)])
        bench.pass(6000)
        #expect(bench.found.count == count)
    }

    @Test func theCollectorItselfAndAgentsAreNone() {
        makeCgroups("culprit.service")
        bench.take(fork(500, in: 3))
        bench.take(
            Event(
                time: at(0), source: .collector,
                body: .host(
                    Host(
                        name: "h", machineID: "", bootID: "b", kernel: "", wallOffset: WallOffset(nanoseconds: 0),
                        collector: key(500), version: ""))))
        bench.take([
            state(UnitID(manager: .system, name: "culprit.service"), at: 1), exit(500, .signal(.kill), at: 1_000),
        ])
        bench.take([fork(700), state(main: 700, at: 2_000)])
        bench.processes.setTag(4, for: key(700), at: at(2_000))
        bench.take(exit(700, .signal(.kill), at: 3_000))
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    /// Nobody told which process it was: the manager's only child in the cgroup that ended then.
    @Test func aMainThatOnlyTheKernelSaw() throws {
        makeCgroups()
        bench.take([
            fork(500, in: 3), fork(501, below: 500, in: 3), exit(501, .code(0), at: 900),
            exit(500, .signal(.terminate), at: 1_000), fork(101_020, in: 3),
            entry(stopping, fields: ["JOB_ID": "7"], at: 990),
            entry(stopped, fields: ["JOB_ID": "7", "JOB_TYPE": "restart", "JOB_RESULT": "done"], at: 1_005),
            entry(started, invocation: "b", at: 1_020),
        ])
        bench.pass(6000)
        let found = try #require(bench.found.first)
        #expect(found.disruption.kind == .restarted)
        #expect(found.disruption.mainBefore == key(500))
        #expect(found.disruption.at == at(1_000))
        #expect(found.disruption.status == .signal(.terminate))
        #expect(found.disruption.mainAfter == key(101_020))
    }

    // MARK: Recovery

    @Test func whatRunsAgainLater() throws {
        bench.take([fork(500), state(at: 0), exit(500, .signal(.kill), at: 1_000)])
        bench.take(state(Self.web, "failed", "failed", main: nil, result: "signal", at: 1_010))
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == [.failed])
        #expect(bench.recoveries.isEmpty)
        bench.take(state(invocation: "b", main: 600, at: 9_000))
        bench.pass(2000)
        let recovery = try #require(bench.recoveries.first)
        #expect(recovery.disruptionAt == at(1_000))
        #expect(recovery.main?.pid == 600)
        #expect(recovery.invocation == "b")
        #expect(bench.found.count == 1)
    }

    /// A service that the manager tries to start every five seconds is down once, not once every five seconds.
    @Test func aLoopThatNeverComesUp() throws {
        bench.take([fork(500), state(at: 0), exit(500, .signal(.kill), at: 1_000)])
        bench.take(state(Self.web, "activating", "auto-restart", main: nil, result: "signal", at: 1_010))
        var time: UInt64 = 6_000
        for attempt: Int32 in 1...6 {
            let invocation = "i\(attempt)"
            let pid = Int32(100_000 + time)
            bench.take(state(invocation: invocation, main: pid, restarts: UInt32(attempt), at: time))
            bench.take(exit(pid, .code(1), at: time + 200))
            bench.take(
                state(
                    Self.web, "activating", "auto-restart", invocation: invocation, main: nil, result: "exit-code",
                    restarts: UInt32(attempt),
                    at: time + 210))
            time += 5_000
        }
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == [.failed])
        #expect(bench.recoveries.isEmpty)
    }

    /// It comes up and crashes until the start limit is hit (the lines of systemd 252): it failed when it crashed first.
    @Test func aLoopThatTheManagerEnds() throws {
        bench.take(fork(500))
        for (number, invocation) in ["a", "b", "c"].enumerated() {
            let time = 1_000 * UInt64(number)
            bench.take([
                entry(started, invocation: invocation, at: time),
                entry(
                    "98e322203f7a4ed290d09fe03c09fe15", invocation: invocation,
                    fields: ["COMMAND": "ExecStart", "EXIT_CODE": "killed", "EXIT_STATUS": "6"], at: time + 500),
                entry(failed, invocation: invocation, fields: ["UNIT_RESULT": "signal"], at: time + 501),
                entry("5eb03494b6584870a536b337290809b3", invocation: invocation, at: time + 700),
            ])
        }
        bench.take(
            entry(
                "be02cf6855d2428ba40df7e9d022f03d", invocation: "c",
                fields: ["JOB_ID": "9", "JOB_TYPE": "start", "JOB_RESULT": "failed"], at: 2_701))
        bench.pass(6000)
        let found = try #require(bench.found.first)
        #expect(bench.found.count == 1)
        #expect(found.disruption.kind == .failed)
        #expect(found.disruption.at == at(500))
        #expect(found.disruption.status == .signal(.abort))
    }

    /// What forks (Type=forking) has no main process until it is up: it is known which one the manager had started.
    @Test func aStartThatForksIsKilled() throws {
        makeCgroups()
        bench.take([
            fork(500, in: 3), fork(510, below: 500, in: 3), fork(520, in: 3), exit(520, .code(0), at: 400),
            entry("7d4958e842da4a758f6c1cdc7b36dcc5", at: 500), exit(510, .signal(.kill), at: 999),
            exit(500, .signal(.kill), at: 1_000),
            entry(
                "98e322203f7a4ed290d09fe03c09fe15",
                fields: ["COMMAND": "ExecStart", "EXIT_CODE": "killed", "EXIT_STATUS": "9"], at: 1_001),
            entry(failed, fields: ["UNIT_RESULT": "signal"], at: 1_002),
        ])
        bench.pass(6000)
        let found = try #require(bench.found.first)
        #expect(bench.found.map(\.disruption.kind) == [.failedToStart])
        #expect(found.disruption.systemd?.failedStart?.main == key(500))
        #expect(found.disruption.mainBefore == key(500))
    }

    @Test func notMoreUnitsThanThereIsRoomFor() throws {
        bench.detector = UnitDetector(scope: UnitScope(patterns: [try UnitPattern("*.service")]), capacity: 3)
        for number: Int32 in 1...5 {
            let unit = UnitID(manager: .system, name: "u\(number).service")
            bench.take([fork(500 + number), state(unit, invocation: "i\(number)", main: 500 + number, at: 0)])
        }
        for number: Int32 in 1...5 { bench.take(exit(500 + number, .signal(.kill), at: 1_000)) }
        bench.pass(6000)
        #expect(bench.found.count == 3)
        #expect(bench.detector.unfollowed == 2)
    }
}
