internal import CEventABI
internal import EventModel

extension EventDecoder {
    @inline(__always)
    static func fork(_ bytes: UnsafeRawBufferPointer) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_fork.self)
        return .fork(
            Fork(
                child: ProcessKey(
                    pid: Int32(bitPattern: raw.child_pid), start: BootTime(nanoseconds: raw.child_start_ns)),
                childInnerPID: optionalPID(raw.child_inner_pid), childParentPID: Int32(bitPattern: raw.child_ppid),
                uid: raw.uid))
    }

    @inline(__always)
    static func exit(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_exit.self)
        let isUnknown = RecordFlags(rawValue: header.flags).contains(.statusUnknown)
        return .exit(Exit(status: isUnknown ? nil : ExitStatus(rawValue: raw.wait_status), maxRSSKiB: raw.max_rss_kib))
    }

    /// CULPRIT_TASK: what the kernel's own walk over its tasks tells; `/proc` adds the image later.
    static func task(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_task.self)
        let comm = withUnsafeBytes(of: raw.comm) { String(decoding: $0.upToNUL, as: UTF8.self) }
        return .seen(
            ProcessSeen(
                parent: process(raw.ppid, raw.parent_start_ns), innerPID: optionalPID(raw.inner_pid), uid: raw.uid,
                comm: comm, isKernelThread: RecordFlags(rawValue: header.flags).contains(.kernelThread)))
    }
}
