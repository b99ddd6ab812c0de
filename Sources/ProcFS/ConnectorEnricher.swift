public import EventModel

/// Makes events of what the process connector tells in bare pids: looks each up in `/proc` at once, and remembers whose pid is
/// whose until it ends.
///
/// What it cannot see: who made a process under CLONE_PARENT; the image of a process that is gone, or has executed again, when
/// it is looked up; how a process ended whose leader ended before its other threads.
public struct ConnectorEnricher: Sendable {
    /// Exits of processes that were never known and are gone: they have no identity to report. A running count.
    public private(set) var unresolved: UInt64 = 0
    /// Processes that could not be remembered because of the limit. A running count.
    public private(set) var overflow: UInt64 = 0

    private let procfs: ProcFS
    private let markers: MarkerPatterns
    private let limit: Int
    private var known: [Int32: Known] = [:]
    /// Processes whose leader has ended and whose other threads live on, with the leader's status.
    private var lingering: [Int32: ExitStatus] = [:]

    private struct Known: Sendable {
        var start: BootTime
        var uid: UInt32
    }

    /// Remembers at most `limit` processes.
    public init(_ procfs: ProcFS, markers: MarkerPatterns = [], limit: Int = 65_536) {
        self.procfs = procfs
        self.markers = markers
        self.limit = limit
    }

    /// Takes in the processes of a scan, so that their ends can be told even when they are too quick to be looked up.
    public mutating func learn(_ events: [Event]) {
        for event in events {
            guard case .seen(let seen) = event.body, let key = event.process else { continue }
            remember(key, uid: seen.uid)
        }
    }

    /// The events of one batch, in its order; then, dated `now`, the ends of processes that outlived their leader.
    public mutating func events(from batch: [ConnectorEvent], now: BootTime) throws(SystemCallError) -> [Event] {
        var pass = try ProcPass(procfs, markers: markers)
        var events: [Event] = []
        for event in batch {
            switch event.change {
            case .fork(let parent, let child):
                events += forked(child, parent: parent, at: event.time, pass: &pass)
            case .exec(let pid):
                if let exec = executed(pid, at: event.time, pass: &pass) { events.append(exec) }
            case .leaderExit(let pid, let status):
                if let exit = leaderEnded(pid, status: status, at: event.time, pass: pass) { events.append(exit) }
            case .userChange(let pid, let real, _): known[pid]?.uid = real
            case .rename, .coreDump: continue
            }
        }
        return events + ends(now: now, pass: pass)
    }

    private mutating func remember(_ key: ProcessKey, uid: UInt32) {
        if known[key.pid] == nil, known.count >= limit {
            overflow += 1
        } else {
            known[key.pid] = Known(start: key.start, uid: uid)
        }
    }

    private func key(of pid: Int32) -> ProcessKey? { known[pid].map { ProcessKey(pid: pid, start: $0.start) } }

    /// The process's stat, if it started by `time`: one that started later is the pid's next owner. One tick is left for
    /// the rounding of both clocks.
    private func stat(of pid: Int32, by time: BootTime, pass: borrowing ProcPass) -> ProcessStat? {
        guard let stat = try? pass.stat(of: pid) else { return nil }
        return stat.startTicks <= time.ticks + 1 ? stat : nil
    }
}

extension ConnectorEnricher {
    private mutating func forked(_ child: Int32, parent: Int32, at time: BootTime, pass: inout ProcPass) -> [Event] {
        var events: [Event] = []
        let details = forkDetails(of: child, by: time, pass: &pass)
        // Without its stat the fork's own time stands in: the kernel notes the start just before it tells of the fork.
        let start = details?.key.start ?? BootTime(ticks: time.ticks)
        if let former = key(of: child), former.start != start {
            // The pid has a new owner, so the end of the former one was lost.
            events.append(Event(time: time, source: .procfs, process: former, body: .exit(Exit(status: nil))))
            lingering[child] = nil
        }
        let creator = key(of: parent) ?? stat(of: parent, by: time, pass: pass)?.key
        let uid = details?.uid ?? known[parent]?.uid ?? .max
        let key = ProcessKey(pid: child, start: start)
        remember(key, uid: uid)
        let fork = Fork(child: key, childInnerPID: details?.innerPID, childParentPID: parent, uid: uid)
        let cgroup = details?.cgroup ?? .unknown
        events.append(Event(time: time, source: .procfs, process: creator, cgroup: cgroup, body: .fork(fork)))
        return events
    }

    /// What there is to know of a child before it executes anything; nil when it is gone.
    private func forkDetails(of child: Int32, by time: BootTime, pass: inout ProcPass) -> ProcessDetails? {
        guard let process = try? Directory("\(child)", in: pass.directory),
            let stat = try? ProcPass.stat(at: "stat", in: process), stat.startTicks <= time.ticks + 1
        else { return nil }
        return pass.describe(stat, from: process, among: [:])
    }

    private mutating func executed(_ pid: Int32, at time: BootTime, pass: inout ProcPass) -> Event? {
        lingering[pid] = nil
        let found = (try? pass.details(of: pid)) ?? nil
        let details = found.flatMap { details in
            key(of: pid).map { details.key.matches(tick: $0) } ?? (details.stat.startTicks <= time.ticks + 1)
                ? details : nil
        }
        guard let key = details?.key ?? key(of: pid) else {
            unresolved += 1
            return nil
        }
        let uid = details?.uid ?? known[pid]?.uid ?? .max
        remember(key, uid: uid)
        let unread = ExecImage(path: "", argv: ArgumentVector(isUnreadable: true))
        let exec = Exec(
            image: details?.image ?? unread, parentPID: details?.stat.parentPID ?? 0, uid: uid,
            innerPID: details?.innerPID,
            environmentIncomplete: details?.image == nil || details?.environmentIncomplete == true)
        return Event(
            time: time, source: .procfs, process: key, cgroup: details?.cgroup ?? .unknown, body: .exec(exec))
    }

    /// The leader's end is the process's only when no other thread lives on. When another thread executes, the leader is
    /// ended first, and then that thread is the leader.
    private mutating func leaderEnded(_ pid: Int32, status: ExitStatus, at time: BootTime, pass: borrowing ProcPass)
        -> Event?
    {
        let stat = stat(of: pid, by: time, pass: pass)
        guard let key = key(of: pid) ?? stat?.key else {
            unresolved += 1
            return nil
        }
        if let stat, stat.key.matches(tick: key) {
            if !stat.isLeaderExiting { return nil }
            if stat.threads > 1 {
                if known[pid] == nil { remember(key, uid: .max) }
                if known[pid] != nil { lingering[pid] = status }
                return nil
            }
        }
        known[pid] = nil
        return Event(time: time, source: .procfs, process: key, body: .exit(Exit(status: status)))
    }

    /// The ends, dated `now`, of all that is remembered and gone: after a loss, so that nothing is taken for one whose end
    /// was lost. What began meanwhile a scan shows (`learn` takes it in).
    public mutating func lostEnds(now: BootTime) throws(SystemCallError) -> [Event] {
        let pass = try ProcPass(procfs, markers: markers)
        var events: [Event] = []
        for pid in known.keys.sorted() {
            if let event = end(of: pid, now: now, pass: pass) { events.append(event) }
        }
        return events
    }

    /// The ends of processes that outlived their leader.
    private mutating func ends(now: BootTime, pass: borrowing ProcPass) -> [Event] {
        var events: [Event] = []
        for pid in lingering.keys.sorted() {
            if let event = end(of: pid, now: now, pass: pass) { events.append(event) }
        }
        return events
    }

    /// The end of a process that is remembered and is not there; nil for one that is, or cannot be looked up.
    private mutating func end(of pid: Int32, now: BootTime, pass: borrowing ProcPass) -> Event? {
        guard let key = key(of: pid) else { return nil }
        let stat: ProcessStat?
        do throws(SystemCallError) { stat = try pass.stat(of: pid) } catch { return nil }
        let own = stat.flatMap { $0.key.matches(tick: key) ? $0 : nil }
        if let own, !own.hasEnded { return nil }
        // A leader that ended with 0 may have left on its own; any other status is the one that ended all.
        let leader = lingering[pid].flatMap { $0.rawValue == 0 ? nil : $0 }
        known[pid] = nil
        lingering[pid] = nil
        return Event(
            time: now, source: .procfs, process: key, body: .exit(Exit(status: own?.exitStatus ?? leader)))
    }
}
