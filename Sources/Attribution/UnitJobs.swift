import EventModel
import UnitTracking

/// The jobs of the window: what the manager's signals and the journal say of each.
struct UnitJobs {
    struct Job {
        var unit: UnitID
        var id: UInt32
        /// `stop`, `restart`, ...; nil where it was gone before it could be asked.
        var type: String?
        /// When it was heard of: JobNew may be read late, so it existed by then at the latest.
        var knownAt: BootTime
        /// When the manager logged that it stops the unit.
        var stoppingAt: BootTime?
        /// What it was heard of by.
        var events: [Event]

        var isOfStop: Bool {
            guard let type else { return stoppingAt != nil }
            return type == "stop" || type.hasSuffix("restart")
        }
    }

    private var jobs: [UnitID: [Job]] = [:]

    init() {}

    init(_ events: [Event]) {
        for event in events {
            switch event.body {
            case .job(let change): take(change.unit, change.id, change.type, event)
            case .journal(let entry):
                guard let unit = entry.unit, ManagerEntry(entry) == .stopping, let id = entry.jobID else { continue }
                take(unit, id, entry["JOB_TYPE"], event, isStopping: true)
            default: continue
            }
        }
    }

    subscript(unit: UnitID) -> [Job] { jobs[unit] ?? [] }

    private mutating func take(_ unit: UnitID, _ id: UInt32, _ type: String?, _ event: Event, isStopping: Bool = false)
    {
        var known = jobs[unit] ?? []
        defer { jobs[unit] = known }
        guard let place = known.lastIndex(where: { $0.id == id }) else {
            known.append(
                Job(
                    unit: unit, id: id, type: type, knownAt: event.time, stoppingAt: isStopping ? event.time : nil,
                    events: [event]))
            return
        }
        known[place].events.append(event)
        known[place].knownAt = min(event.time, known[place].knownAt)
        if known[place].type == nil { known[place].type = type }
        if isStopping { known[place].stoppingAt = event.time }
    }
}
