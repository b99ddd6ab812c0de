public import EventModel

extension ProcFS {
    /// Every process as a `.seen` event, parents before their children. One that has ended and only waits for its parent
    /// is followed by its `.exit`. Processes that come or go meanwhile may be missing; nothing else is.
    public func scan(at time: BootTime, markers: MarkerPatterns = []) throws(SystemCallError) -> Scan {
        var pass = try ProcPass(self, markers: markers)
        var scan = Scan()
        let stats = try pass.stats(unreadable: &scan.unreadable)
        for stat in ProcessStat.parentsFirst(stats) {
            do throws(SystemCallError) {
                guard let details = try pass.details(of: stat.pid, among: stats) else { continue }
                scan.events.append(contentsOf: details.found(at: time))
            } catch {
                scan.unreadable += 1
            }
        }
        return scan
    }
}

extension ProcPass {
    /// All processes, by pid; those that are gone before they are read are left out.
    func stats(unreadable: inout Int) throws(SystemCallError) -> [Int32: ProcessStat] {
        var stats: [Int32: ProcessStat] = [:]
        for pid in try pids() {
            do throws(SystemCallError) {
                if let stat = try stat(of: pid) { stats[pid] = stat }
            } catch {
                unreadable += 1
            }
        }
        return stats
    }
}

extension ProcessDetails {
    /// A process that was there when the collector looked first.
    func found(at time: BootTime) -> [Event] { stat.hasEnded ? [seen(at: time), exit(at: time)] : [seen(at: time)] }

    func exit(at time: BootTime) -> Event {
        Event(time: time, source: .procfs, process: key, cgroup: cgroup, body: .exit(Exit(status: stat.exitStatus)))
    }
}

extension ProcessStat {
    /// All of `stats`, each after its parent where that is among them.
    static func parentsFirst(_ stats: [Int32: ProcessStat]) -> [ProcessStat] {
        var children: [Int32: [ProcessStat]] = [:]
        var waiting: [ProcessStat] = []
        for stat in stats.values.sorted(by: { $0.pid > $1.pid }) {
            if stat.parentPID != stat.pid, stats[stat.parentPID] != nil {
                children[stat.parentPID, default: []].append(stat)
            } else {
                waiting.append(stat)
            }
        }
        var ordered: [ProcessStat] = []
        while let stat = waiting.popLast() {
            ordered.append(stat)
            waiting.append(contentsOf: children.removeValue(forKey: stat.pid) ?? [])
        }
        // Stats are read one after the other, so that a pid's next owner may close a circle. Nobody is left out for it.
        return ordered + children.values.joined().sorted { $0.pid < $1.pid }
    }
}
