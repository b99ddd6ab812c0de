import EventModel

/// Jobs of `at now`: the client tells the daemon by SIGHUP that there is a job, and the daemon runs it at once. Whose a
/// shell is that the daemon starts then is told by time, and only where no other job can be meant.
struct ImmediateJobs: Sendable {
    struct Call: Hashable, Sendable {
        var client: ProcessKey
        var uid: UInt32
        var at: BootTime
        var tag: Int32
        var isDecided = false
    }

    struct Start: Hashable, Sendable {
        var shell: ProcessKey
        var uid: UInt32
    }

    /// So long after the signal its job is started, however busy the machine is.
    static let patience = Interval.seconds(1)
    private static let kept = 64

    private var calls: [Call] = []
    private var starts: [Start] = []
    /// When the next call is decided upon; the end of time where there is none.
    private(set) var due = BootTime(nanoseconds: .max)

    var isWaiting: Bool { due < BootTime(nanoseconds: .max) }

    /// `at now`, `at -f job now`, and the `at -qb now` of `batch`; any other time is a later one.
    static func isImmediate(_ image: ExecImage) -> Bool {
        !image.argv.isTruncated && image.argv.words.dropFirst().last?.lowercased() == "now"
    }

    mutating func note(_ call: Call) {
        calls.append(call)
        if calls.count > Self.kept { calls.removeFirst() }
        due = min(due, call.at + Self.patience)
    }

    mutating func note(_ start: Start) {
        starts.append(start)
        if starts.count > Self.kept { starts.removeFirst() }
    }

    /// What those calls have led to whose time is over.
    mutating func settle(at time: BootTime) -> [(start: Start, call: Call)] {
        var found: [(start: Start, call: Call)] = []
        for index in calls.indices where !calls[index].isDecided && calls[index].at + Self.patience <= time {
            calls[index].isDecided = true
            let call = calls[index]
            found += jobs(of: call).map { ($0, call) }
        }
        // The later of two calls is compared with the earlier.
        let oldest = time - Interval.seconds(3)
        calls.removeAll { $0.isDecided && $0.at < oldest }
        starts.removeAll { $0.shell.start < oldest }
        due = calls.filter { !$0.isDecided }.map { $0.at + Self.patience }.min() ?? BootTime(nanoseconds: .max)
        return found
    }

    /// Of more jobs than calls, one is somebody else's, whose time has come by chance.
    private func jobs(of call: Call) -> [Start] {
        let started = starts.filter {
            $0.uid == call.uid && $0.shell.start >= call.at && $0.shell.start <= call.at + Self.patience
        }
        let meant = calls.filter {
            $0.uid == call.uid && $0.at + Self.patience >= call.at && $0.at <= call.at + Self.patience
        }
        let owners = Set(meant.map(\.tag))
        guard started.count <= meant.count, owners.count == 1, meant.count == 1 || owners != [0] else { return [] }
        return started
    }
}
