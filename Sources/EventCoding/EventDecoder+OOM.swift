internal import CEventABI
public import EventModel

extension EventDecoder {
    static func oomVictim(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_oom_victim.self)
        var victim = OOMVictim(
            victim: ProcessKey(
                pid: Int32(bitPattern: raw.victim_pid), start: BootTime(nanoseconds: raw.victim_start_ns)),
            cgroup: CgroupID(rawValue: raw.victim_cgroup), uid: raw.victim_uid, totalVMKiB: raw.total_vm_kib,
            anonymousKiB: raw.anon_rss_kib, fileKiB: raw.file_rss_kib, sharedKiB: raw.shmem_rss_kib,
            oomScoreAdjustment: raw.oom_score_adj)
        guard let scope = OOMScope(rawValue: raw.scope), scope != .unknown else { return .oomVictim(victim) }
        var tail = ByteReader(bytes, from: MemoryLayout<culprit_oom_victim>.size)
        guard let limit = tail.value(culprit_oom_limit.self) else {
            throw MalformedRecord(type: header.type, reason: .piece)
        }
        victim.swapKiB = limit.victim_swap_kib
        victim.pageTableKiB = limit.victim_page_table_kib
        victim.scope = scope == .global ? .global : .cgroup(cgroupLimit(limit))
        return .oomVictim(victim)
    }

    private static func cgroupLimit(_ raw: culprit_oom_limit) -> OOMVictim.Limit {
        let name = withUnsafeBytes(of: raw.name) { String(decoding: $0.upToNUL, as: UTF8.self) }
        return OOMVictim.Limit(
            cgroup: CgroupID(rawValue: raw.cgroup), name: name, limitKiB: raw.limit_kib, usageKiB: raw.usage_kib,
            ooms: raw.ooms)
    }

    /// Takes in a piece of what `iter/task` gives as a table of `struct culprit_process_usage`, and adds it to `usages`;
    /// `places` says where each pid stands there. What has no memory, or no longer, is left out; at most `limit` are kept,
    /// and the number of those beyond is given back. Bytes behind the last whole entry are left out as well.
    public static func readUsages(
        _ bytes: UnsafeRawBufferPointer, into usages: inout [ProcessUsage], places: inout [Int32: Int], limit: Int
    ) -> Int {
        var reader = ByteReader(bytes)
        var beyond = 0
        while let raw = reader.value(culprit_process_usage.self) {
            let pid = Int32(bitPattern: raw.pid)
            guard raw.flags & UInt32(CULPRIT_USAGE_THREAD.rawValue) == 0 else {
                if let place = places[pid] { add(raw, to: &usages[place]) }
                continue
            }
            guard usages.count < limit else {
                beyond += 1
                continue
            }
            guard places.updateValue(usages.count, forKey: pid) == nil else { continue }
            usages.append(usage(raw))
        }
        return beyond
    }

    private static func add(_ thread: culprit_process_usage, to usage: inout ProcessUsage) {
        usage.cpu &+= thread.cpu_ns / 1000
        if let waited = usage.waited { usage.waited = waited &+ milliseconds(thread.wait_ns) }
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: nanoseconds / 1_000_000)
    }

    private static func usage(_ raw: culprit_process_usage) -> ProcessUsage {
        ProcessUsage(
            process: ProcessKey(pid: Int32(bitPattern: raw.pid), start: BootTime(nanoseconds: raw.start_ns)),
            anonymousKiB: raw.anon_kib, fileKiB: raw.file_kib, sharedKiB: raw.shmem_kib, swapKiB: raw.swap_kib,
            pageTableKiB: raw.page_table_kib, cpu: raw.cpu_ns / 1000,
            waited: raw.flags & UInt32(CULPRIT_USAGE_WAIT.rawValue) == 0
                ? nil : milliseconds(raw.wait_ns),
            oomScoreAdjustment: Int16(clamping: raw.oom_score_adj),
            isInScope: raw.flags & UInt32(CULPRIT_USAGE_IN_SCOPE.rawValue) != 0)
    }
}

/// `enum culprit_oom_scope` at the width it has on the wire.
enum OOMScope: UInt32 {
    case unknown = 0
    case global = 1
    case cgroup = 2
}
