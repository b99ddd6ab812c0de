import Collector
import Configuration
import EventCoding
import EventModel
import FlightRecorder
import IncidentDetection

/// A recording of an agent that kills the daemon `kaval` now and then, with a person and noise about it.
enum Story {
    static let configuration = "watch: {processes: [{name: kaval, exe: '*/kaval'}]}"

    static let host = Host(
        name: "h", machineID: "m", bootID: "b", kernel: "6",
        wallOffset: WallOffset(nanoseconds: 1_700_000_000_000_000_000),
        collector: ProcessKey(pid: 9, start: time(1)), version: "1")

    static func time(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }
    static func key(_ pid: Int32, _ start: UInt64 = 1) -> ProcessKey {
        ProcessKey(pid: pid, start: BootTime(nanoseconds: start * 1_000_000 + 3))
    }

    static func event(_ at: UInt64, _ process: ProcessKey? = nil, source: Source = .bpf, _ body: Event.Body) -> Event {
        Event(time: time(at), source: source, process: process, body: body)
    }

    static func exec(_ at: UInt64, _ process: ProcessKey, _ path: String) -> Event {
        event(at, process, .exec(Exec(image: ExecImage(path: path, exe: path), parentPID: 1, uid: 0)))
    }

    static func fork(_ at: UInt64, _ parent: ProcessKey, _ child: ProcessKey) -> Event {
        event(at, parent, .fork(Fork(child: child, childParentPID: parent.pid, uid: 0)))
    }

    static func kill(_ at: UInt64, _ sender: ProcessKey, _ target: ProcessKey) -> Event {
        event(
            at, sender,
            .signal(
                SignalSent(
                    target: target, targetThread: target.pid, signal: .kill, code: .user, disposition: .standard,
                    origin: .process)))
    }

    static func exit(_ at: UInt64, _ process: ProcessKey, _ status: ExitStatus? = .signal(.kill)) -> Event {
        event(at, process, .exit(Exit(status: status)))
    }

    /// What stands before everything else.
    static let opening: [Event] =
        [
            event(1, source: .collector, .host(host)), event(1, source: .collector, .configuration(configuration)),
        ]
        + ["bpf:signal", "bpf:exit"].map {
            event(1, source: .collector, .source(SourceStatus(name: $0, state: .active, why: "")))
        } + [
            event(
                1, key(1), source: .procfs,
                .seen(ProcessSeen(parent: nil, uid: 0, comm: "systemd", image: ExecImage(path: "/sbin/init")))),
            fork(2, key(1), key(20)), exec(3, key(20), "/usr/sbin/sshd"), fork(4, key(20), key(21)),
            exec(5, key(21), "/bin/bash"),
            fork(6, key(21), key(22)), exec(7, key(22), "/usr/bin/claude"), fork(8, key(22), key(23)),
            exec(9, key(23), "/bin/bash"),
        ]

    /// The daemon's lives: the agent kills every second one, the person the others. Each starts a second after the last.
    static func lives(_ count: Int) -> [Event] {
        (0..<count).flatMap { number -> [Event] in
            let at = 100_000 + UInt64(number) * 70_000
            let daemon = key(1000 + Int32(number), at)
            let killer = number % 2 == 0 ? key(23) : key(21)
            return [
                fork(at, key(1), daemon), exec(at + 1, daemon, "/usr/bin/kaval"), kill(at + 60_000, killer, daemon),
                exit(at + 60_001, daemon),
                event(at + 65_000, source: .collector, .clock(host.wallOffset)),
            ]
        }
    }

    static func records(_ events: [Event]) -> [[UInt8]] {
        events.map { event in
            var bytes: [UInt8] = []
            EventEncoder.encode(event, into: &bytes)
            return bytes
        }
    }

    static func pipeline(_ events: [Event]) throws -> Pipeline {
        var pipeline = Pipeline(
            try Configuration(recorded: configuration),
            ring: try FlightRing(floodBytes: 1 << 16, decisiveBytes: 1 << 16))
        for (event, record) in zip(events, records(events)) { record.withUnsafeBytes { pipeline.consume($0, event) } }
        pipeline.finish()
        return pipeline
    }
}
