import EventModel
import IncidentDetection
import ProcessTracking

/// The kernel's OOM killer chose the subject. Who was killed and whose allocation set it off are seen; who held the
/// memory is not, without samples of it, so nobody is accused.
enum OOMKillRule: Rule {
    static let id = "oom.mark-victim"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let victim = disruption.victim, endedByKill(disruption) else { return nil }
        let marked = disruption.events.last { event in
            guard case .oomVictim(let oom) = event.body, event.time <= disruption.disruption.at else { return false }
            return isSame(oom.victim, victim, at: event.time, disruption)
        }
        guard let marked, case .oomVictim(let oom) = marked.body, !wasKilled(before: marked.time, disruption) else {
            return nil
        }
        return Finding(
            rule: id, mechanism: .oomKill, actor: nil, confidence: .none,
            act: "the kernel's OOM killer chose \(disruption.subject.name), which held \(oom.residentKiB / 1024) MiB",
            evidence: [observation(marked, oom, disruption), .end(of: disruption)],
            alternatives: [triggerIsNoCulprit(marked, disruption)].compactMap { $0 },
            oom: OOM(
                scope: nil, victim: disruption.describe(victim),
                trigger: marked.process.map { disruption.describe($0) },
                hog: nil))
    }

    /// By SIGKILL, or nobody saw how.
    private static func endedByKill(_ disruption: DisruptionCase) -> Bool {
        guard let status = disruption.disruption.status else { return true }
        return status.signal == .kill
    }

    /// Kernels before 6.8 tell a bare pid, and not of our namespace: it counts only together with the kernel's own SIGKILL.
    private static func isSame(
        _ marked: ProcessKey, _ victim: ProcessKey, at time: BootTime, _ disruption: DisruptionCase
    ) -> Bool {
        if marked == victim || marked.matches(tick: victim) { return true }
        guard marked.start == .zero, marked.pid == victim.pid, victim.start <= time else { return false }
        return disruption.signalsToVictim.contains {
            $0.signal.signal == .kill && $0.signal.origin == .kernel && $0.event.time.distance(to: time) <= .seconds(1)
        }
    }

    /// What is dying already is marked as well, when memory runs short while it does: then the OOM killer only came by.
    private static func wasKilled(before time: BootTime, _ disruption: DisruptionCase) -> Bool {
        disruption.signalsToVictim.contains {
            $0.signal.signal == .kill && $0.signal.tookEffect && $0.signal.origin.hasSender && $0.event.time <= time
        }
    }

    private static func observation(_ event: Event, _ oom: OOMVictim, _ disruption: DisruptionCase)
        -> Finding.Observation
    {
        Finding.Observation(
            at: event.time, source: event.source, kind: "oom-victim",
            text: "OOM killer chose \(disruption.name(oom.victim)), oom_score_adj \(oom.oomScoreAdjustment); "
                + "\(disruption.name(event.process)) was allocating",
            process: event.process,
            data: [
                "anon_rss_kib": .integer(Int64(clamping: oom.anonymousKiB)),
                "file_rss_kib": .integer(Int64(clamping: oom.fileKiB)),
                "shmem_rss_kib": .integer(Int64(clamping: oom.sharedKiB)),
                "total_vm_kib": .integer(Int64(clamping: oom.totalVMKiB)),
                "oom_score_adj": .integer(Int64(oom.oomScoreAdjustment)),
            ])
    }

    private static func triggerIsNoCulprit(_ event: Event, _ disruption: DisruptionCase) -> Alternative? {
        guard let trigger = event.process, trigger != disruption.victim else { return nil }
        return Alternative(
            outcome: disruption.owner(of: trigger).outcome, mechanism: .oomKill,
            whyNot: "\(disruption.name(trigger)) set the killer off by allocating when nothing was left; "
                + "that does not say that it held the memory")
    }
}
