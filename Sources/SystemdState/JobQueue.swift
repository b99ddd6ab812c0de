internal import EventModel

/// Jobs of one manager between their beginning and their end. JobNew does not say a job's type: it is asked for, and the
/// news waits for the answer. Bounded: of more jobs than `capacity` at once the types are not known.
struct JobQueue {
    struct News: Hashable {
        var change: JobChange
        var at: BootTime
    }

    private var types: [UInt32: String] = [:]
    /// Those whose type is being asked for.
    private var pending: [UInt32: News] = [:]

    static let capacity = 1024

    mutating func learn(_ id: UInt32, type: String) {
        if types.count < Self.capacity || types[id] != nil { types[id] = type }
    }

    mutating func began(_ change: JobChange, at time: BootTime) {
        if pending.count < Self.capacity { pending[change.id] = News(change: change, at: time) }
    }

    /// The type is known, or (nil) the job is gone and it never will be.
    mutating func answered(_ id: UInt32, type: String?) -> [News] {
        if let type, pending[id] != nil { learn(id, type: type) }
        guard var news = pending.removeValue(forKey: id) else { return [] }
        news.change.type = type
        return [news]
    }

    /// Its beginning, where that has not been told, and its end.
    mutating func ended(_ id: UInt32, _ unit: UnitID, result: String, at time: BootTime) -> [News] {
        let type = types.removeValue(forKey: id)
        let end = JobChange(unit: unit, id: id, type: type, step: .removed(result: result))
        return answered(id, type: nil) + [News(change: end, at: time)]
    }

    /// Takes out what has waited since before `time`.
    mutating func overdue(before time: BootTime) -> [News] {
        guard !pending.isEmpty else { return [] }
        let late = pending.values.filter { $0.at < time }.sorted { $0.change.id < $1.change.id }
        for news in late { pending[news.change.id] = nil }
        return late
    }
}
