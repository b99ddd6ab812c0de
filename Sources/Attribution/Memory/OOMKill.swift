import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// A kill of the kernel's OOM killer that the disruption came of.
struct OOMKill {
    var event: Event
    var oom: OOMVictim
    /// The victim as the process table knows it.
    var victim: ProcessKey
    /// How the kill became the disruption.
    var way: Way

    enum Way: Equatable {
        /// It was the main process, or the one that the incident is about.
        case direct
        /// Another process of the unit: its manager (OOMPolicy=) or the kernel (memory.oom.group) then ended the rest.
        case unit
        /// The same, as far as can be told: the manager's signal came, and nothing says what for.
        case ended
        /// Another process of the unit, and its main process then gave up by itself.
        case gaveUp
    }

    /// That the disruption followed from it is inferred.
    var isInferred: Bool { way == .ended || way == .gaveUp }

    fileprivate func by(_ way: Way) -> OOMKill {
        var kill = self
        kill.way = way
        return kill
    }
}

extension DisruptionCase {
    /// So long a manager takes at most to stop what is left of a unit.
    static let stopping = Interval.seconds(15)
    /// The SIGKILL goes out before the victim is marked, and from 6.16 on the end is told before the memory is given back:
    /// on another CPU it may come first by what a preempted allocation takes.
    private static let markDelay = Interval.milliseconds(500)
    /// A table tells of the kill that it was taken for within this time.
    static let atTheKill = Interval.seconds(2)

    var oomKill: OOMKill? { directOOMKill ?? unitOOMKill }

    private var directOOMKill: OOMKill? {
        guard let victim, status.map({ $0.signal == .kill }) ?? true else { return nil }
        let marks = oomMarks.filter {
            $0.event.time <= disruption.at + Self.markDelay && isSame($0.oom.victim, victim, at: $0.event.time)
        }
        guard let mark = marks.last, !wasKilled(before: mark.event.time) else { return nil }
        return OOMKill(event: mark.event, oom: mark.oom, victim: victim, way: .direct)
    }

    private var status: ExitStatus? { disruption.status }

    /// Another process of the unit was the victim, and nobody had asked for the unit's end.
    private var unitOOMKill: OOMKill? {
        guard let unit = subject.unit else { return nil }
        let result = resultOfEnd(unit) ?? disruption.systemd?.result
        guard disruption.systemd?.jobID == nil || result == "oom-kill" else { return nil }
        let tree = SubjectTree(self)
        for mark in oomMarks where isInTime(mark.event) && !isVictim(mark.oom.victim) {
            let isOwn = tree.contains(mark.oom.victim)
            // The manager ends the unit for an agent's process as well.
            guard isOwn || isInUnit(mark.oom.victim, unit) else { continue }
            let kill = OOMKill(event: mark.event, oom: mark.oom, victim: mark.oom.victim, way: .unit)
            if result == "oom-kill" { return kill }
            if isOwn, requestsToEnd.isEmpty, mainGaveUp(after: .kill, at: mark.event.time) {
                return kill.by(.gaveUp)
            }
            if let way = wayOfSignal(after: mark.event.time, unit, result) { return kill.by(way) }
        }
        return nil
    }

    private func isInTime(_ mark: Event) -> Bool {
        mark.time <= disruption.at && mark.time + Self.stopping >= disruption.at
    }

    /// A signal ended the main process. The manager's may be somebody's wish or its watchdog's: it counts only where nothing
    /// says so, and the manager did not say either what it was. Nil where the end has another cause.
    private func wayOfSignal(after marked: BootTime, _ unit: UnitID, _ result: String?) -> OOMKill.Way? {
        guard let signal = status?.signal else { return nil }
        let sent = signalsToVictim.filter { $0.signal.signal == signal && $0.signal.tookEffect }
        guard let last = sent.last, sent.allSatisfy({ $0.event.time >= marked }) else { return nil }
        if last.signal.origin == .kernel { return signal == .kill ? .unit : nil }
        guard result == nil, seesManagerCalls, managers.scope(of: last.sender) == unit.manager,
            killCalls(for: unit, last).isEmpty, overdue == nil
        else { return nil }
        return .ended
    }

    /// Kernels before 6.8 tell a bare pid, and not of our namespace: it counts only together with the kernel's own SIGKILL.
    private func isSame(_ marked: ProcessKey, _ victim: ProcessKey, at time: BootTime) -> Bool {
        if marked == victim || marked.matches(tick: victim) { return true }
        guard marked.start == .zero, marked.pid == victim.pid, victim.start <= time else { return false }
        return signalsToVictim.contains {
            $0.signal.signal == .kill && $0.signal.origin == .kernel && $0.event.time.distance(to: time) <= .seconds(1)
        }
    }

    /// What is dying already is marked as well, when memory runs short while it does: then the OOM killer only came by.
    private func wasKilled(before time: BootTime) -> Bool {
        signalsToVictim.contains {
            $0.signal.signal == .kill && $0.signal.tookEffect && $0.signal.origin.hasSender && $0.event.time <= time
        }
    }
}

extension OOMKill {
    /// What each tree held at the kill. Nil where nobody looked, or where it is not known what ran out.
    func shares(_ disruption: DisruptionCase) -> MemoryShares? {
        // Kernels before 6.8 do not say which limit was reached.
        guard let table = table(disruption), isKnown(disruption) else { return nil }
        return MemoryShares(
            entries(of: table, disruption), of: table, usedKiB: usedKiB(disruption),
            isOfMachine: oom.scope.cgroup == nil, killedAt: event.time, within: oom.scope.limit, disruption)
    }

    func table(_ disruption: DisruptionCase) -> ResourceHistory.KillTable? {
        disruption.resources.table(
            forKillAt: event.time, scope: oom.scope.cgroup, within: DisruptionCase.atTheKill)
    }

    /// The processes that count: those in the cgroup whose limit was reached, and the victims. A limit of memory is not
    /// one of swap.
    func entries(of table: ResourceHistory.KillTable, _ disruption: DisruptionCase) -> [ProcessUsage] {
        let candidates = candidates(of: table, disruption)
        guard oom.scope.cgroup != nil else { return candidates }
        return candidates.map { entry in
            var entry = entry
            entry.swapKiB = 0
            return entry
        }
    }

    /// The same with their swap, which the OOM killer weighs also where a cgroup's limit was reached.
    func candidates(of table: ResourceHistory.KillTable, _ disruption: DisruptionCase) -> [ProcessUsage] {
        var entries = table.samples.entries
        add(victimsOf: disruption, upTo: table.at, &entries)
        return oom.scope.cgroup == nil ? entries : entries.filter(\.isInScope)
    }

    /// Where nothing says what ran out, the machine itself must have had next to nothing left.
    private func isKnown(_ disruption: DisruptionCase) -> Bool {
        oom.scope != .unknown || disruption.resources.wasMachineShort(at: event.time)
    }

    /// Those that were chosen before the table was taken may be gone from it: their own records say what they held.
    private func add(victimsOf disruption: DisruptionCase, upTo end: BootTime, _ entries: inout [ProcessUsage]) {
        for (other, oom) in disruption.oomMarks {
            guard other.time <= end, oom.scope.cgroup == self.oom.scope.cgroup, counts(other, oom, disruption) else {
                continue
            }
            var usage = ProcessUsage(
                process: disruption.table.known(oom.victim) ?? oom.victim,
                anonymousKiB: UInt32(clamping: oom.anonymousKiB), fileKiB: UInt32(clamping: oom.fileKiB),
                sharedKiB: UInt32(clamping: oom.sharedKiB), swapKiB: UInt32(clamping: oom.swapKiB),
                pageTableKiB: UInt32(clamping: oom.pageTableKiB),
                oomScoreAdjustment: Int16(clamping: oom.oomScoreAdjustment), isInScope: true)
            guard let index = entries.firstIndex(where: { $0.process == usage.process }) else {
                entries.append(usage)
                continue
            }
            // It may have given back some of it already.
            if entries[index].heldKiB > usage.heldKiB { usage = entries[index] }
            usage.isInScope = true
            entries[index] = usage
        }
    }

    /// Nil where it is not known. All of the machine's memory is used when it runs out, and the swap that is.
    private func usedKiB(_ disruption: DisruptionCase) -> UInt64? {
        if let limit = oom.scope.limit { return limit.usageKiB }
        guard let amounts = disruption.resources.host(at: event.time)?.sample.amounts else { return nil }
        let (used, overflow) = amounts.total.addingReportingOverflow(amounts.usedSwap)
        return overflow ? nil : used
    }

    /// Less sure where part of what is counted may have been swapped out of what the limit is about or given back, or where
    /// it is only inferred what ran out.
    func doubts(_ disruption: DisruptionCase) -> [String] {
        var doubts: [String] = []
        let dying = dyingKiB(disruption)
        if dying > (usedKiB(disruption) ?? 0) / 10 {
            doubts.append(
                "\(Mebibytes(dying)) were of processes that had been chosen just before, and were giving it back")
        }
        switch oom.scope {
        case .global: break
        case .unknown: doubts.append("this kernel does not say whether a limit or the machine's memory ran out")
        case .cgroup(let limit):
            let swapped =
                table(disruption)?.samples.entries.filter(\.isInScope).reduce(0) { $0 + UInt64($1.swapKiB) } ?? 0
            if swapped > limit.usageKiB / 10 { doubts.append("\(Mebibytes(swapped)) of it were swapped out") }
        }
        return doubts
    }
}
