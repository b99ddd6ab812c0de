internal import EventModel

// What the kernel's log lists at an OOM kill; the format is in RecordType.swift.
extension EventEncoder {
    static func append(_ dump: OOMDump, of event: Event, to bytes: inout [UInt8]) {
        open(.oomDump, of: event, in: &bytes)
        var flags: OOMDumpFlags = dump.hasKinds ? .kinds : []
        var name = ""
        if case .cgroup(let own) = dump.scope {
            flags.insert(.cgroup)
            name = own
        }
        let entries = dump.entries.prefix(ProcessSamples.capacity)
        append(integer: dump.victimPID, to: &bytes)
        append(integer: flags.rawValue, to: &bytes)
        append(integer: dump.took.nanoseconds, to: &bytes)
        append(name, to: &bytes)
        append(integer: dump.unlisted, to: &bytes)
        append(integer: dump.unlistedKiB, to: &bytes)
        append(integer: UInt32(clamping: entries.count), to: &bytes)
        for entry in entries {
            append(integer: entry.pid, to: &bytes)
            for size in [entry.anonymousKiB, entry.fileKiB, entry.sharedKiB, entry.swapKiB, entry.pageTableKiB] {
                append(integer: size, to: &bytes)
            }
            append(integer: entry.oomScoreAdjustment, to: &bytes)
            append(integer: UInt16(0), to: &bytes)
        }
    }
}
