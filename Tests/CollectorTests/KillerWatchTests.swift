import EventModel
import Testing

@testable import Collector

/// Ends for lack of memory are noticed, and no others.
@Suite struct KillerWatchTests {
    private static let killer = ProcessKey(pid: 7, start: BootTime(nanoseconds: 70))
    private static let other = ProcessKey(pid: 8, start: BootTime(nanoseconds: 80))

    private static func exec(_ process: ProcessKey, _ path: String) -> Event {
        let exec = Exec(image: ExecImage(path: path), parentPID: 1, uid: 0)
        return Event(time: process.start, source: .bpf, process: process, body: .exec(exec))
    }

    private static func signal(_ sender: ProcessKey?, _ signal: EventModel.Signal, to target: ProcessKey = other)
        -> Event
    {
        let sent = SignalSent(
            target: target, targetThread: target.pid, signal: signal, code: .user, claimedPID: 0, result: .delivered,
            disposition: .standard, origin: .process)
        return Event(time: BootTime(nanoseconds: 100), source: .bpf, process: sender, body: .signal(sent))
    }

    @Test func aVictimOfTheKernels() {
        var watch = KillerWatch()
        let limit = OOMVictim.Limit(cgroup: CgroupID(rawValue: 5), name: "a", limitKiB: 1, usageKiB: 1, ooms: 1)
        let scopes: [(OOMVictim.Scope, CgroupID?)] = [
            (.unknown, nil), (.global, nil), (.cgroup(limit), CgroupID(rawValue: 5)),
        ]
        for (scope, cgroup) in scopes {
            let victim = OOMVictim(victim: Self.other, scope: scope)
            let event = Event(time: BootTime(nanoseconds: 9), source: .bpf, process: nil, body: .oomVictim(victim))
            #expect(watch.notice(event) == MemoryKill(at: BootTime(nanoseconds: 9), scope: cgroup))
        }
    }

    @Test(arguments: ["/usr/bin/earlyoom", "/lib/systemd/systemd-oomd", "nohang"])
    func aSignalOfSuchADaemon(_ path: String) {
        var watch = KillerWatch()
        #expect(watch.notice(Self.signal(Self.killer, .kill)) == nil)
        #expect(watch.notice(Self.exec(Self.killer, path)) == nil)
        #expect(watch.notice(Self.signal(Self.killer, .kill)) != nil)
        #expect(watch.notice(Self.signal(Self.killer, .terminate)) != nil)
        #expect(watch.notice(Self.signal(Self.killer, .hangup)) == nil, "asks for nothing of that")
        #expect(watch.notice(Self.signal(Self.killer, .kill, to: Self.killer)) == nil, "itself")
        #expect(watch.notice(Self.signal(Self.other, .kill)) == nil)
        #expect(watch.notice(Self.signal(nil, .kill)) == nil)
        // It is a script, and this is what runs it.
        #expect(watch.notice(Self.exec(Self.killer, "/usr/bin/python3")) == nil)
        #expect(watch.notice(Self.signal(Self.killer, .kill)) != nil)
        let gone = Event(
            time: BootTime(nanoseconds: 200), source: .bpf, process: Self.killer, body: .exit(Exit(status: .code(0))))
        #expect(watch.notice(gone) == nil)
        #expect(watch.notice(Self.signal(Self.killer, .kill)) == nil)
    }

    @Test(arguments: ["/usr/bin/find", "/usr/bin/xoom", "/usr/bin/earlyoom/", "", "/", "d"]) func othersAreNone(
        _ path: String
    ) {
        var watch = KillerWatch()
        _ = watch.notice(Self.exec(Self.killer, path))
        #expect(watch.notice(Self.signal(Self.killer, .kill)) == nil)
    }

    /// However many are started, a bounded number is followed.
    @Test func bounded() {
        var watch = KillerWatch()
        for pid in 1...1_000 as ClosedRange<Int32> {
            _ = watch.notice(Self.exec(ProcessKey(pid: pid, start: .zero), "/usr/bin/earlyoom"))
        }
        let last = ProcessKey(pid: 1_000, start: .zero)
        #expect(watch.notice(Self.signal(last, .kill)) == nil)
    }
}
