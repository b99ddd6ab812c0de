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
    private var pending: [UInt32: Pending] = [:]

    private struct Pending {
        var news: News
        var isOfActiveUnit: Bool
    }

    static let capacity = 1024

    mutating func learn(_ id: UInt32, type: String) {
        if types.count < Self.capacity || types[id] != nil { types[id] = type }
    }

    /// `isActive`: the unit is active when its job comes.
    mutating func began(_ change: JobChange, at time: BootTime, isActive: Bool = false) {
        guard pending.count < Self.capacity else { return }
        pending[change.id] = Pending(news: News(change: change, at: time), isOfActiveUnit: isActive)
    }

    /// The type is known, or (nil) the job is gone and it never will be.
    ///
    /// A restart job becomes a start job once the unit has stopped (job_finish_and_invalidate in job.c), which may have
    /// been so before the answer; and no start job is ever queued for a unit that is active.
    mutating func answered(_ id: UInt32, type: String?) -> [News] {
        guard let waiting = pending.removeValue(forKey: id) else { return [] }
        var news = waiting.news
        news.change.type = type == "start" && waiting.isOfActiveUnit ? "restart" : type
        if let type = news.change.type { learn(id, type: type) }
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
        let late = pending.values.map(\.news).filter { $0.at < time }.sorted { $0.change.id < $1.change.id }
        for news in late { pending[news.change.id] = nil }
        return late
    }
}
