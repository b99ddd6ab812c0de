internal import EventModel

// What the kernel's log lists at an OOM kill; the format is in RecordType.swift.
extension EventDecoder {
    static func oomDump(_ body: inout ByteReader) -> Event.Body? {
        guard let victim = body.integer(Int32.self),
            let flags = body.integer(UInt32.self).map(OOMDumpFlags.init(rawValue:)),
            let took = body.integer(UInt64.self), let name = body.string(), let unlisted = body.integer(UInt32.self),
            let unlistedKiB = body.integer(UInt64.self), let count = body.integer(UInt32.self)
        else { return nil }
        var dump = OOMDump(
            victimPID: victim, scope: flags.contains(.cgroup) ? .cgroup(name: name) : .global,
            took: Interval(nanoseconds: took), hasKinds: flags.contains(.kinds), entries: [], unlisted: unlisted,
            unlistedKiB: unlistedKiB)
        // Nothing is reserved for a count: each item must be there, or the record is malformed.
        for _ in 0..<count {
            guard let entry = oomDumpEntry(&body) else { return nil }
            dump.entries.append(entry)
        }
        return .oomDump(dump)
    }

    private static func oomDumpEntry(_ body: inout ByteReader) -> OOMDump.Entry? {
        guard let pid = body.integer(Int32.self), let anonymous = body.integer(UInt32.self),
            let file = body.integer(UInt32.self), let shared = body.integer(UInt32.self),
            let swap = body.integer(UInt32.self), let tables = body.integer(UInt32.self),
            let adjustment = body.integer(Int16.self), body.integer(UInt16.self) != nil
        else { return nil }
        return OOMDump.Entry(
            pid: pid, anonymousKiB: anonymous, fileKiB: file, sharedKiB: shared, swapKiB: swap, pageTableKiB: tables,
            oomScoreAdjustment: adjustment)
    }
}
