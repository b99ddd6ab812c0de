import EventModel
import ProcessTracking

// What the kernel's log lists at OOM kills: of a moment before the kill, while a table that is taken is of one after it. The
// log's clock is not ours, and the list is read later: it belongs to the kill that names the same victim.
extension ResourceHistory {
    struct Kill: Hashable, Sendable {
        var at: BootTime
        var victim: ProcessKey
        var scope: OOMVictim.Scope
    }

    /// All that is ended with one victim (memory.oom.group) is marked as well.
    static let killsKept = 256
    /// So late a list may be read: where memory is short, nothing runs when it should.
    private static let mostLate = Interval.seconds(60)
    /// What is ended with one victim is marked within this.
    private static let sameKill = Interval.milliseconds(100)
    /// So long a process that has ended may still have had memory: its end is told first.
    private static let ending = Interval.milliseconds(500)

    mutating func learn(_ oom: OOMVictim, at time: BootTime) {
        kills.append(Kill(at: time, victim: oom.victim, scope: oom.scope))
        if kills.count > Self.killsKept { kills.removeFirst(Self.killsKept / 4) }
    }

    /// `time` is when it was read.
    mutating func learn(_ dump: OOMDump, at time: BootTime, _ processes: ProcessTable) {
        let kill = kills.last {
            $0.victim.pid == dump.victimPID && $0.at <= time && $0.at + Self.mostLate >= time
        }
        // Of files' pages it is not known that they could not be had back.
        guard let kill, dump.hasKinds, kill.isWithin(dump.scope) else { return }
        var samples = Self.samples(dump, of: kill, processes)
        samples.scope = kill.scope.cgroup
        dumps.append(KillTable(at: kill.at, source: .kmsg, samples: samples))
        Self.forgetOldest(&dumps)
    }

    /// With the processes that had those pids from before the list began until the kill. Others count among those that are
    /// not listed.
    private static func samples(_ dump: OOMDump, of kill: Kill, _ processes: ProcessTable) -> ProcessSamples {
        var samples = ProcessSamples(
            reason: .oom, entries: [], unlisted: dump.unlisted, unlistedKiB: dump.unlistedKiB)
        let holders = processes.holders(
            of: dump.entries.map(\.pid), from: kill.at - dump.took, to: kill.at, endingFor: ending)
        var isOfCgroup = false
        if case .cgroup = dump.scope { isOfCgroup = true }
        for entry in dump.entries {
            guard let process = holders[entry.pid] else {
                samples.unlisted = samples.unlisted < .max ? samples.unlisted + 1 : samples.unlisted
                samples.unlistedKiB &+= entry.heldKiB
                continue
            }
            samples.entries.append(
                ProcessUsage(
                    process: process, anonymousKiB: entry.anonymousKiB, fileKiB: entry.fileKiB,
                    sharedKiB: entry.sharedKiB, swapKiB: entry.swapKiB, pageTableKiB: entry.pageTableKiB,
                    oomScoreAdjustment: entry.oomScoreAdjustment, isInScope: isOfCgroup))
        }
        return samples
    }

    /// What the log lists for a kill at that moment, or for the one that went with it.
    func dump(forKillAt time: BootTime, scope: CgroupID?) -> KillTable? {
        dumps.last { $0.at <= time && $0.at + Self.sameKill >= time && $0.samples.scope == scope }
    }
}

extension ResourceHistory.Kill {
    /// The log and the kernel's programs agree on what ran out. Names are cut to 47 bytes (`struct culprit_oom_limit`).
    fileprivate func isWithin(_ listed: OOMDump.Scope) -> Bool {
        switch (scope, listed) {
        case (.global, .global), (.unknown, .global): return true
        case (.cgroup(let limit), .cgroup(let name)):
            return limit.name == name || (limit.name.utf8.count >= 44 && name.hasPrefix(limit.name))
        default: return false
        }
    }
}
