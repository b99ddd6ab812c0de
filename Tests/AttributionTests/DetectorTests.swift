import EventModel
import IncidentDetection
import ProcessTracking
import Testing

@Suite final class DetectorTests {
    private let watch: ProcessWatch
    private var table = ProcessTable()
    private var detector: ProcessDetector

    init() throws {
        watch = ProcessWatch(name: "d", exe: try Glob("*/d"))
        detector = ProcessDetector(watches: [watch], settle: .seconds(2))
    }

    private func take(_ event: Event) -> [Detected] {
        table.apply(event)
        return detector.apply(event, table: table)
    }

    private func key(_ pid: Int32) -> ProcessKey {
        ProcessKey(pid: pid, start: BootTime(nanoseconds: UInt64(pid) * 1_000_000 + 1))
    }
    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    private func start(_ pid: Int32, _ path: String = "/bin/d", below parent: Int32 = 1, at time: UInt64) -> [Detected]
    {
        let child = key(pid)
        let fork = Event(
            time: at(time), source: .bpf, process: key(parent),
            body: .fork(Fork(child: child, childParentPID: parent, uid: 0)))
        return take(fork) + exec(pid, path, at: time)
    }

    private func exec(_ pid: Int32, _ path: String, at time: UInt64) -> [Detected] {
        take(
            Event(
                time: at(time), source: .bpf, process: key(pid),
                body: .exec(Exec(image: ExecImage(path: path, exe: path), parentPID: 1, uid: 0))))
    }

    private func exit(_ process: ProcessKey, _ status: EventModel.ExitStatus? = .code(0), at time: UInt64) -> [Detected]
    {
        take(Event(time: at(time), source: .bpf, process: process, body: .exit(Exit(status: status))))
    }

    private func pass(_ time: UInt64) -> [Detected] {
        take(Event(time: at(time), source: .collector, body: .clock(WallOffset(nanoseconds: 0))))
    }

    @Test(
        arguments: [
            (.code(0), .stopped), (.code(1), .failed), (.signal(.kill), .killed), (.signal(.terminate), .killed),
            (nil, .degraded),
        ] as [(EventModel.ExitStatus?, Disruption.Kind)])
    func kinds(_ status: EventModel.ExitStatus?, _ kind: Disruption.Kind) {
        #expect(start(10, at: 100).isEmpty)
        #expect(exit(key(10), status, at: 200).isEmpty)
        #expect(detector.nextSettling == at(2200))
        #expect(pass(2199).isEmpty)
        let settled = pass(2200)
        #expect(settled.map(\.disruption.kind) == [kind])
        #expect(settled.first?.disruption.mainBefore == key(10) && settled.first?.disruption.status == status)
        #expect(detector.nextSettling == nil && detector.finish().isEmpty)
    }

    @Test func aRestartWithinTheSettlingTime() {
        _ = start(10, at: 100)
        _ = exit(key(10), .signal(.abort), at: 200)
        _ = start(11, at: 900)
        let settled = pass(2300)
        #expect(settled.map(\.disruption.kind) == [.restarted])
        #expect(settled.first?.disruption.mainAfter == key(11) && settled.first?.disruption.recoveredAt == at(900))
    }

    @Test func oneThatComesLaterIsNoRestart() {
        _ = start(10, at: 100)
        _ = exit(key(10), at: 200)
        #expect(start(11, at: 2300).map(\.disruption.kind) == [.stopped])
        _ = exit(key(11), at: 2400)
        #expect(detector.finish().map(\.disruption.mainBefore) == [key(11)])
    }

    @Test func twoInstancesOfOneName() {
        for pid: Int32 in [10, 11] { _ = start(pid, at: UInt64(pid)) }
        _ = exit(key(10), at: 200)
        _ = exit(key(11), at: 210)
        _ = start(12, at: 300)
        #expect(pass(3000).map(\.disruption.kind) == [.restarted, .stopped])
    }

    @Test func workersAreNoDaemonsOfTheirOwn() {
        _ = start(10, at: 100)
        _ = start(11, below: 10, at: 110)
        _ = start(12, below: 11, at: 120)
        for pid: Int32 in [11, 12] { _ = exit(key(pid), .signal(.kill), at: 130) }
        #expect(detector.finish().isEmpty)
    }

    @Test func aWrapperThatBecomesSomethingElseIsNoDaemon() {
        _ = start(10, at: 100)
        _ = exec(10, "/bin/other", at: 110)
        _ = exit(key(10), at: 120)
        #expect(detector.finish().isEmpty)
        _ = start(11, "/bin/sh", at: 130)
        _ = exec(11, "/bin/d", at: 140)
        _ = exec(11, "/opt/d", at: 150)
        _ = exit(key(11), at: 160)
        #expect(detector.finish().count == 1)
    }

    @Test func whatWasRunningAlready() {
        let rounded = ProcessKey(pid: 10, start: BootTime(ticks: key(10).start.ticks))
        let seen = ProcessSeen(parent: nil, uid: 0, comm: "d", image: ExecImage(path: "/bin/d", exe: "/bin/d"))
        _ = take(Event(time: at(1), source: .procfs, process: rounded, body: .seen(seen)))
        _ = exit(key(10), at: 120)
        #expect(detector.finish().map(\.disruption.mainBefore) == [rounded])
    }

    @Test func equalAndDisorderedTimes() {
        for pid: Int32 in 10..<15 { _ = start(pid, at: UInt64(pid)) }
        for (pid, time) in [(10, 500), (11, 500), (12, 490), (13, 505), (14, 400)] as [(Int32, UInt64)] {
            _ = exit(key(pid), at: time)
        }
        #expect(detector.nextSettling == at(2400))
        #expect(pass(2400).map(\.disruption.mainBefore?.pid) == [14])
        #expect(pass(2500).map(\.disruption.mainBefore?.pid) == [12, 10, 11])
        #expect(detector.finish().map(\.disruption.mainBefore?.pid) == [13])
    }

    @Test func aTimeOutOfThisWorldHoldsNothingUp() {
        for pid: Int32 in 10..<12 { _ = start(pid, at: UInt64(pid)) }
        _ = take(
            Event(time: BootTime(nanoseconds: .max), source: .bpf, process: key(10), body: .exit(Exit(status: nil))))
        _ = exit(key(11), at: 100)
        #expect(pass(2100).map(\.disruption.mainBefore?.pid) == [11])
    }

    @Test func noMoreThanItsCapacity() {
        detector = ProcessDetector(watches: [watch], settle: .seconds(2), capacity: 3)
        for pid: Int32 in 10..<15 { _ = start(pid, at: UInt64(pid)) }
        #expect(detector.unfollowed == 2)
        // The end of one that was never told of frees its place.
        table.apply(Event(time: at(40), source: .bpf, process: key(10), body: .exit(Exit(status: nil))))
        _ = start(20, at: 50)
        #expect(detector.unfollowed == 2)
        for pid: Int32 in [11, 12, 20, 13] { _ = exit(key(pid), at: 60) }
        #expect(detector.finish().map(\.disruption.mainBefore?.pid) == [11, 12, 20])
    }

    @Test func patterns() throws {
        let image = ExecImage(path: "/x/node", exe: "/usr/bin/node", argv: ArgumentVector(words: ["node", "kaval.js"]))
        let rows: [(ProcessWatch, Bool)] = [
            (ProcessWatch(name: "a", exe: try Glob("*/node")), true),
            (ProcessWatch(name: "a", exe: try Glob("/x/node")), false),
            (ProcessWatch(name: "a", argv: try Glob("node *.js")), true),
            (ProcessWatch(name: "a", exe: try Glob("*/node"), argv: try Glob("x")), false),
            (ProcessWatch(name: "a", pid: 10), true), (ProcessWatch(name: "a", pid: 11), false),
            (ProcessWatch(name: "a", comm: try Glob("nod?")), true),
            (ProcessWatch(name: "a"), false),
        ]
        for (watch, isMatch) in rows {
            var table = ProcessTable()
            var detector = ProcessDetector(watches: [watch])
            for body: Event.Body in [.exec(Exec(image: image, parentPID: 1, uid: 0)), .exit(Exit(status: .code(0)))] {
                let event = Event(time: at(20), source: .bpf, process: key(10), body: body)
                table.apply(event)
                _ = detector.apply(event, table: table)
            }
            #expect(detector.finish().count == (isMatch ? 1 : 0), "\(watch)")
        }
    }
}
