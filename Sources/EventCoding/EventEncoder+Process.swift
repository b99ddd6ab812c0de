internal import CEventABI
internal import EventModel

extension EventEncoder {
    static func append(_ fork: Fork, of event: Event, to bytes: inout [UInt8]) {
        let isSibling = event.process.map { $0.pid != fork.childParentPID } ?? false
        append(
            culprit_fork(
                header: header(of: event, type: .fork, flags: isSibling ? .forkSibling : []),
                child_start_ns: fork.child.start.nanoseconds, child_pid: wire(fork.child.pid),
                child_inner_pid: wire(fork.childInnerPID), child_ppid: wire(fork.childParentPID), uid: fork.uid),
            to: &bytes)
    }

    static func append(_ exit: Exit, of event: Event, to bytes: inout [UInt8]) {
        append(
            culprit_exit(
                header: header(of: event, type: .exit, flags: exit.status == nil ? .statusUnknown : []),
                wait_status: exit.status?.rawValue ?? 0, max_rss_kib: exit.maxRSSKiB),
            to: &bytes)
    }

    static func append(_ signal: SignalSent, of event: Event, to bytes: inout [UInt8]) {
        append(
            culprit_signal(
                header: header(of: event, type: .signal, flags: flags(of: signal)),
                target_start_ns: signal.target.start.nanoseconds, target_pid: wire(signal.target.pid),
                target_tid: wire(signal.targetThread), code: signal.code.rawValue,
                claimed_pid: wire(signal.claimedPID), sender_uid: signal.senderUID,
                number: UInt8(clamping: signal.signal.rawValue), result: signal.result.rawValue,
                disposition: signal.disposition.rawValue, reserved: 0),
            to: &bytes)
    }

    private static func flags(of signal: SignalSent) -> RecordFlags {
        let isKernelMade = EventDecoder.isKernelMade(signal.code)
        // A sender can only have chosen such a code in a call that lets it.
        let chosen: RecordFlags = isKernelMade ? .fromCall : []
        return switch signal.origin {
        case .process: chosen
        case .onBehalf: [.noInfo, chosen]
        case .parentDeath: [.senderExiting, .noInfo, chosen]
        case .kernel: isKernelMade ? [] : .kernelPrivate
        case .outside: [.outside, chosen]
        }
    }
}
