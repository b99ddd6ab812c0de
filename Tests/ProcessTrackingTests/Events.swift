import EventModel
import ProcessTracking

/// A process by its number, started at that many milliseconds and a bit: no two are alike, none is at a whole tick.
func key(_ pid: Int32, at milliseconds: UInt64? = nil) -> ProcessKey {
    ProcessKey(pid: pid, start: time(milliseconds ?? UInt64(pid)))
}

func time(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000 + 1) }

/// The same as `/proc` shows it.
func rounded(_ key: ProcessKey) -> ProcessKey { ProcessKey(pid: key.pid, start: BootTime(ticks: key.start.ticks)) }

func fork(
    _ parent: ProcessKey?, _ child: ProcessKey, at now: BootTime? = nil, parentPID: Int32? = nil, source: Source = .bpf
) -> Event {
    Event(
        time: now ?? child.start, source: source, process: parent,
        body: .fork(Fork(child: child, childParentPID: parentPID ?? parent?.pid ?? 0, uid: 1000)))
}

func exec(_ process: ProcessKey, _ path: String = "/bin/sh", at now: BootTime? = nil, parentPID: Int32 = 0) -> Event {
    let image = ExecImage(path: path, exe: path, argv: ArgumentVector(words: [path]))
    return Event(
        time: now ?? process.start + .milliseconds(1), source: .bpf, process: process,
        body: .exec(Exec(image: image, parentPID: parentPID, uid: 1000)))
}

func exit(_ process: ProcessKey, at now: BootTime? = nil, _ status: ExitStatus? = .code(0)) -> Event {
    Event(
        time: now ?? process.start + .milliseconds(2), source: .bpf, process: process, body: .exit(Exit(status: status))
    )
}

func seen(_ process: ProcessKey, parent: ProcessKey?, _ path: String? = "/bin/seen", at now: BootTime = time(0))
    -> Event
{
    let image = path.map { ExecImage(path: $0, exe: $0, argv: ArgumentVector(words: [$0])) }
    return Event(
        time: now, source: .procfs, process: process,
        body: .seen(ProcessSeen(parent: parent, uid: 1000, comm: "seen", image: image)))
}

extension ProcessTable {
    init(_ events: [Event], capacity: Int = 1 << 20) {
        self.init(capacity: capacity)
        for event in events { apply(event) }
    }

    func pids(_ key: ProcessKey) -> [Int32] { lineage(of: key).map(\.key.pid) }
}
