import EventCoding
import EventModel

/// What ran before the collector: exact identities from the kernel's task list, details from `/proc`.
enum Backfill {
    /// `/proc` was read before the task list, and its times are rounded; what is older than this is older than the probes.
    private static let certain = Interval.milliseconds(20)

    /// Joins the two by pid and start. A task that `/proc` no longer has keeps what the kernel said. A process that only
    /// `/proc` has came later, and its fork was recorded; or it ended meanwhile, or the kernel hides it from its list (some
    /// hide pid 1), and then it is taken as `/proc` has it.
    static func join(tasks: [UInt8], scan: [Event], at time: BootTime) -> [Event] {
        var details: [Int32: Event] = [:]
        for event in scan { if let process = event.process { details[process.pid] = event } }
        var joined: [Event] = []
        tasks.withUnsafeBytes { bytes in
            var sequence = RecordSequence(bytes)
            while let record = try? sequence.next() {
                guard let task = try? EventDecoder.decode(record), let process = task.process else { continue }
                joined.append(join(task, details[process.pid], process, at: time))
            }
        }
        joined += missing(from: Set(joined.compactMap(\.process?.pid)), scan, startedBefore: time - certain)
        // A table that knows the parent can hand its agent membership down.
        return joined.sorted {
            ($0.process?.start ?? .zero, $0.process?.pid ?? 0) < ($1.process?.start ?? .zero, $1.process?.pid ?? 0)
        }
    }

    /// Those that had ended already when `/proc` was read are left out: their ends are news of the probes, or of nobody.
    private static func missing(from listed: Set<Int32>, _ scan: [Event], startedBefore: BootTime) -> [Event] {
        let over = Set(scan.compactMap { event in if case .exit = event.body { event.process?.pid } else { nil } })
        return scan.filter { event in
            guard case .seen = event.body, let process = event.process else { return false }
            return process.start < startedBefore && !listed.contains(process.pid) && !over.contains(process.pid)
        }
    }

    private static func join(_ task: Event, _ detail: Event?, _ process: ProcessKey, at time: BootTime) -> Event {
        var event = task
        event.time = time
        event.source = .procfs
        guard case .seen(var seen) = task.body, let detail, let other = detail.process, process.matches(tick: other),
            case .seen(let read) = detail.body
        else { return event }
        seen.image = read.image
        seen.innerPID = seen.innerPID ?? read.innerPID
        event.body = .seen(seen)
        return event
    }
}
