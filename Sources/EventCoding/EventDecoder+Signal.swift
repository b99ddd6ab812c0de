internal import CEventABI
internal import EventModel

extension EventDecoder {
    @inline(__always)
    static func signal(
        _ header: culprit_header, _ bytes: UnsafeRawBufferPointer
    ) throws(MalformedRecord) -> Event.Body {
        let raw = try fixed(bytes, as: culprit_signal.self)
        let code = SignalCode(rawValue: raw.code)
        return .signal(
            SignalSent(
                target: ProcessKey(
                    pid: Int32(bitPattern: raw.target_pid), start: BootTime(nanoseconds: raw.target_start_ns)),
                targetThread: Int32(bitPattern: raw.target_tid), signal: Signal(rawValue: Int32(raw.number)),
                code: code, claimedPID: Int32(bitPattern: raw.claimed_pid), senderUID: raw.sender_uid,
                result: SignalSent.Result(rawValue: raw.result) ?? .unknown,
                disposition: SignalSent.Disposition(rawValue: raw.disposition) ?? .unknown,
                origin: origin(RecordFlags(rawValue: header.flags), code)))
    }

    /// Whose act a signal was. The order matters: what the kernel program saw of the sender outranks si_code.
    private static func origin(_ flags: RecordFlags, _ code: SignalCode) -> SignalSent.Origin {
        if flags.contains(.kernelPrivate) { return .kernel }
        if isKernelMade(code), !flags.contains(.fromCall) { return .kernel }
        if flags.contains(.outside) { return .outside }
        if flags.contains([.senderExiting, .noInfo]) { return .parentDeath }
        return flags.contains(.noInfo) ? .onBehalf : .process
    }

    /// Codes of signals that the kernel makes: faults, SI_KERNEL, timers, completed I/O. rt_sigqueueinfo(2) lets a process
    /// claim some of them; the kernel program flags what such a call sent.
    static func isKernelMade(_ code: SignalCode) -> Bool {
        code.rawValue > 0 || code == .timer || code == .socketIO || code == .asyncIO
    }
}
