import EventCoding
import EventModel

/// A record as it comes from a busy machine.
struct Sample {
    var name: String
    var record: [UInt8]

    init(_ name: String, _ body: Event.Body) {
        self.name = name
        let process = ProcessKey(pid: 4711, start: BootTime(nanoseconds: 123_456_789))
        let event = Event(
            time: BootTime(nanoseconds: 987_654_321), source: .bpf, process: process, cgroup: CgroupID(rawValue: 77),
            body: body)
        record = []
        EventEncoder.encode(event, into: &record)
    }

    private static let child = ProcessKey(pid: 4712, start: BootTime(nanoseconds: 987_654_321))

    static let all = [
        Sample("fork", .fork(Fork(child: child, childParentPID: 4711, uid: 1000))),
        Sample("exec", .exec(Exec(image: image(markers: []), parentPID: 4711, uid: 1000))),
        Sample("exec, 3 markers", .exec(Exec(image: image(markers: markers), parentPID: 4711, uid: 1000))),
        Sample("exit", .exit(Exit(status: .code(0), maxRSSKiB: 3000))),
        Sample(
            "signal",
            .signal(SignalSent(target: child, targetThread: 4712, signal: .terminate, code: .user, origin: .process))),
        Sample(
            "socket",
            .socket(
                SocketChange(
                    step: .bound,
                    endpoint: Endpoint(family: .ipv4, address: [127, 0, 0, 1], port: 8080, transport: .tcp)))),
    ]

    private static func image(markers: [EnvironmentMarker]) -> ExecImage {
        ExecImage(
            path: "/usr/bin/git", exe: "/usr/lib/git-core/git",
            argv: ArgumentVector(words: ["git", "-C", "/srv/shop", "status", "--porcelain=v2", "--branch"]),
            markers: markers)
    }

    private static let markers = [
        EnvironmentMarker(name: "CLAUDECODE", value: "1"),
        EnvironmentMarker(name: "CLAUDE_CODE_ENTRYPOINT", value: "cli"),
        EnvironmentMarker(name: "AI_AGENT", value: "claude-code/2.1.0"),
    ]
}
