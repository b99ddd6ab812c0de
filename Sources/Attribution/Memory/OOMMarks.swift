import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

// All that is ended with one victim (memory.oom.group) is marked as well, one after the other, while the first already gives
// back what it held: then the later marks show neither the limit that was reached nor all that there was.
extension DisruptionCase {
    /// What is ended with one victim is marked within this of the one before.
    fileprivate static let sameKill = Interval.milliseconds(100)

    /// Every victim of the window, with what ran out.
    var oomMarks: [(event: Event, oom: OOMVictim)] {
        var reached: (at: BootTime, limit: OOMVictim.Limit)?
        return events.compactMap { event in
            guard case .oomVictim(var oom) = event.body else { return nil }
            if let last = reached, oom.scope == .global, last.at <= event.time, last.at + Self.sameKill >= event.time,
                isWithin(last.limit, oom.cgroup) == true
            {
                oom.scope = .cgroup(last.limit)
            }
            if let limit = oom.scope.limit { reached = (event.time, limit) } else { reached = nil }
            return (event, oom)
        }
    }

    /// Whether the cgroup is the one whose limit was reached, or below it. Nil where that is not known: on version 1 the
    /// memory controller has a hierarchy of its own.
    func isWithin(_ limit: OOMVictim.Limit, _ cgroup: CgroupID) -> Bool? {
        guard let path = cgroups.path(of: limit.cgroup), !limit.name.isEmpty, path.hasSuffix("/" + limit.name),
            let own = cgroups.path(of: cgroup)
        else { return nil }
        return own == path || own.hasPrefix(path + "/")
    }
}

extension OOMKill {
    /// So long after it was chosen a process may still have what it held, and so long after its end was told.
    private static let (dying, ending) = (Interval.seconds(2), Interval.milliseconds(500))

    /// Whether what that victim held was part of what was in use at this kill: it was chosen with or after this one, or
    /// before it and was still dying.
    func counts(_ other: Event, _ oom: OOMVictim, _ disruption: DisruptionCase) -> Bool {
        other.time + DisruptionCase.sameKill >= event.time || isDying(other, oom, disruption)
    }

    private func isDying(_ other: Event, _ oom: OOMVictim, _ disruption: DisruptionCase) -> Bool {
        guard other.time < event.time, other.time + Self.dying >= event.time,
            let process = disruption.table.known(oom.victim).flatMap({ disruption.table[$0] })
        else { return false }
        return process.exit.map { $0.at + Self.ending >= event.time } ?? true
    }

    /// KiB of others' processes that had been chosen before: how much of it they had given back is not known.
    func dyingKiB(_ disruption: DisruptionCase) -> UInt64 {
        let subject = SubjectTree(disruption)
        var sizes: [ProcessKey: UInt64] = [:]
        for (other, oom) in disruption.oomMarks
        where other.time + DisruptionCase.sameKill < event.time && self.oom.scope.cgroup == oom.scope.cgroup
            && !subject.contains(oom.victim) && isDying(other, oom, disruption)
        {
            sizes[oom.victim] = oom.anonymousKiB &+ oom.sharedKiB
        }
        return sizes.values.reduce(0, &+)
    }
}
