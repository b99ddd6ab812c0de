public import EventModel

/// Processes by looking at `/proc` again and again, for hosts where the kernel cannot be asked to tell.
///
/// What it cannot see: a process that comes and goes between two polls; the order of things within one; who made a process
/// whose creator is gone by the next poll (its parent by then is named); the exit status of what its parent has reaped; an
/// exec that leaves the addresses of text and stack as they were (address randomisation off, and the same program
/// again); and, where addresses may not be read, an exec that keeps the name (there a new name counts as an exec).
public struct ProcessPoller: Sendable {
    /// How many processes were left out by the limit at the last poll.
    public private(set) var overflow = 0
    /// How many processes could not be read at the last poll.
    public private(set) var unreadable = 0

    private let procfs: ProcFS
    private let markers: MarkerPatterns
    private let limit: Int
    private var views: [Int32: View] = [:]
    private var isFirst = true

    /// Follows at most `limit` processes at once.
    public init(_ procfs: ProcFS, markers: MarkerPatterns = [], limit: Int = 65_536) {
        self.procfs = procfs
        self.markers = markers
        self.limit = limit
    }

    /// What has changed since the last poll, all of it dated `time`: exits, then forks (parents first, each followed by
    /// what it executed), then the execs of others. The first poll reports all there is as `.seen`, like a scan.
    public mutating func poll(at time: BootTime) throws(SystemCallError) -> [Event] {
        var pass = try ProcPass(procfs, markers: markers)
        (overflow, unreadable) = (0, 0)
        var stats = try pass.stats(unreadable: &unreadable)
        var events = departures(at: time, stats: &stats, pass: pass)
        let changed = stats.values.filter { views[$0.pid]?.hasExecuted($0) == true }.sorted { $0.pid < $1.pid }
        let new = stats.filter { views[$0.key] == nil }
        for stat in ProcessStat.parentsFirst(new) {
            guard views.count < limit else {
                overflow += 1
                continue
            }
            events += arrival(of: stat, at: time, stats: stats, pass: &pass)
        }
        for stat in changed {
            events += change(of: stat, at: time, stats: stats, pass: &pass)
        }
        isFirst = false
        return events
    }

    /// Those that have ended, or are no longer there. A process that was merely missed while the directory was read is
    /// asked for by name before it is called gone, and put back into `stats`.
    private mutating func departures(at time: BootTime, stats: inout [Int32: ProcessStat], pass: borrowing ProcPass)
        -> [Event]
    {
        var events: [Event] = []
        for (pid, view) in views.sorted(by: { $0.key < $1.key }) {
            if stats[pid] == nil {
                do throws(SystemCallError) { stats[pid] = try pass.stat(of: pid) } catch { continue }
            }
            let stat = stats[pid].flatMap { $0.startTicks == view.startTicks ? $0 : nil }
            if !view.hasEnded, stat?.hasEnded ?? true {
                let key = ProcessKey(pid: pid, start: BootTime(ticks: view.startTicks))
                let exit = Exit(status: stat?.exitStatus)
                events.append(Event(time: time, source: .procfs, process: key, body: .exit(exit)))
                views[pid]?.hasEnded = true
            }
            if stat == nil { views[pid] = nil }
        }
        return events
    }

    private mutating func arrival(
        of stat: ProcessStat, at time: BootTime, stats: [Int32: ProcessStat], pass: inout ProcPass
    ) -> [Event] {
        let details: ProcessDetails
        do throws(SystemCallError) {
            // Gone already: what its stat said is all there is of it. The next poll reports its end.
            details =
                try pass.details(of: stat.pid, among: stats)
                ?? ProcessDetails(stat: stat, parent: pass.parent(of: stat, among: stats))
        } catch {
            unreadable += 1
            return []
        }
        views[stat.pid] = View(details.stat)
        if isFirst { return details.found(at: time) }
        var events = [details.fork(at: time)]
        if let image = details.image, !details.hasImageOfParent(among: stats) {
            events.append(details.exec(image, at: time))
        }
        if details.stat.hasEnded { events.append(details.exit(at: time)) }
        return events
    }

    /// A known process with another image. What it was forked with is unknown where it was first seen amid an exec.
    private mutating func change(
        of stat: ProcessStat, at time: BootTime, stats: [Int32: ProcessStat], pass: inout ProcPass
    ) -> [Event] {
        // Where it cannot be read now, the view stays as it is, and the next poll tries again.
        guard let view = views[stat.pid], let details = try? pass.details(of: stat.pid, among: stats),
            details.stat.startTicks == view.startTicks, let image = details.image
        else { return [] }
        views[stat.pid] = View(details.stat)
        if view.startCode == 0, details.hasImageOfParent(among: stats) { return [] }
        return [details.exec(image, at: time)]
    }
}

extension ProcessPoller {
    /// What is remembered of a process: who it is, and by what a new image would show.
    private struct View: Sendable {
        var startTicks: UInt64
        var startCode: UInt64
        var startStack: UInt64
        var comm: String
        var hasEnded: Bool

        init(_ stat: ProcessStat) {
            startTicks = stat.startTicks
            startCode = stat.hasImage ? stat.startCode : 0
            startStack = stat.startStack
            comm = stat.comm
            hasEnded = stat.hasEnded
        }

        func hasExecuted(_ stat: ProcessStat) -> Bool {
            guard stat.hasImage, stat.startTicks == startTicks else { return false }
            if startCode > 1, stat.startCode > 1 { return startCode != stat.startCode || startStack != stat.startStack }
            return startCode == 0 || comm != stat.comm
        }
    }
}

extension ProcessDetails {
    /// Whether it runs what its parent runs, as a child does between fork and exec. Without the addresses, by the name.
    func hasImageOfParent(among stats: [Int32: ProcessStat]) -> Bool {
        guard let parent, let image = stats[parent.pid], image.key == parent, image.hasImage else { return false }
        guard stat.startCode > 1, image.startCode > 1 else { return stat.comm == image.comm }
        return stat.startCode == image.startCode && stat.startStack == image.startStack
    }
}
