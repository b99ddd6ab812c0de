import EventModel

// What the kernel's log lists at an OOM kill, as a line and as fields. It knows pids, and no processes.
extension EventLine {
    func details(_ dump: OOMDump) -> VisibleText {
        let largest: VisibleText =
            dump.entries.first.map { ", the largest pid \($0.pid) with \(kibibytes($0.heldKiB))" } ?? ""
        let unlisted: VisibleText =
            dump.unlisted > 0 ? ", \(dump.unlisted) more with \(kibibytes(dump.unlistedKiB))" : ""
        let whose: VisibleText
        switch dump.scope {
        case .global: whose = "the machine"
        case .cgroup(let name): whose = "cgroup \(VisibleText(escaping: name, columns: 80))"
        }
        let count = Phrases.count(dump.entries.count, "listed task")
        return "\(count) of \(whose)\(largest)\(unlisted), then pid \(dump.victimPID) was chosen"
    }

    func members(_ dump: OOMDump) -> Members {
        var name: String?
        if case .cgroup(let own) = dump.scope { name = own }
        return [
            "victim_pid": JSONValue(dump.victimPID), "scope": .string(name == nil ? "global" : "memcg"),
            "limit_name": JSONValue(name), "took_ns": .string(String(dump.took.nanoseconds)),
            "has_kinds": .flag(dump.hasKinds), "unlisted": JSONValue(dump.unlisted),
            "unlisted_kib": .unsigned(dump.unlistedKiB), "processes": .array(dump.entries.map(Self.entry)),
        ]
    }

    private static func entry(_ entry: OOMDump.Entry) -> JSONValue {
        [
            "pid": JSONValue(entry.pid), "anonymous_kib": JSONValue(entry.anonymousKiB),
            "file_kib": JSONValue(entry.fileKiB), "shared_kib": JSONValue(entry.sharedKiB),
            "swap_kib": JSONValue(entry.swapKiB), "page_table_kib": JSONValue(entry.pageTableKiB),
            "oom_score_adj": JSONValue(Int32(entry.oomScoreAdjustment)),
        ]
    }
}
