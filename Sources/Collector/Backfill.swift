import EventCoding
import EventModel

/// What ran before the collector: exact identities from the kernel's task list, details from `/proc`.
enum Backfill {
    /// Joins the two by pid and start. A task that `/proc` no longer has keeps what the kernel said; a process that only
    /// `/proc` has came later, and its fork was recorded.
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
        // A table that knows the parent can hand its agent membership down.
        return joined.sorted {
            ($0.process?.start ?? .zero, $0.process?.pid ?? 0) < ($1.process?.start ?? .zero, $1.process?.pid ?? 0)
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
