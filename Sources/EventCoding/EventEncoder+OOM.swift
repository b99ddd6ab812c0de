internal import CEventABI
internal import EventModel

extension EventEncoder {
    static func append(_ victim: OOMVictim, of event: Event, to bytes: inout [UInt8]) {
        append(
            culprit_oom_victim(
                header: header(of: event, type: .oomVictim), victim_start_ns: victim.victim.start.nanoseconds,
                victim_cgroup: victim.cgroup.rawValue, victim_pid: wire(victim.victim.pid), victim_uid: victim.uid,
                total_vm_kib: victim.totalVMKiB, anon_rss_kib: victim.anonymousKiB, file_rss_kib: victim.fileKiB,
                shmem_rss_kib: victim.sharedKiB, oom_score_adj: victim.oomScoreAdjustment,
                scope: scope(of: victim).rawValue),
            to: &bytes)
        guard scope(of: victim) != .unknown else { return }
        append(limit(of: victim), to: &bytes)
    }

    private static func scope(of victim: OOMVictim) -> OOMScope {
        switch victim.scope {
        case .unknown: .unknown
        case .global: .global
        case .cgroup: .cgroup
        }
    }

    private static func limit(of victim: OOMVictim) -> culprit_oom_limit {
        var raw = culprit_oom_limit()
        raw.victim_swap_kib = victim.swapKiB
        raw.victim_page_table_kib = victim.pageTableKiB
        guard case .cgroup(let limit) = victim.scope else { return raw }
        raw.cgroup = limit.cgroup.rawValue
        raw.limit_kib = limit.limitKiB
        raw.usage_kib = limit.usageKiB
        raw.ooms = limit.ooms
        let name = ClippedText(limit.name, to: MemoryLayout.size(ofValue: raw.name) - 1)
        withUnsafeMutableBytes(of: &raw.name) { $0.copyBytes(from: name.kept) }
        return raw
    }
}
