/// A signal, seen where the kernel queues it (tracepoint signal:signal_generate).
public struct SignalSent: Hashable, Sendable {
    public var target: ProcessKey
    public var targetThread: Int32
    public var signal: Signal
    public var code: SignalCode
    /// `si_pid` as the sender gave it. Forgeable: shown, never believed.
    public var claimedPID: Int32
    public var senderUID: UInt32
    public var result: Result
    public var disposition: Disposition
    public var origin: Origin

    public init(
        target: ProcessKey, targetThread: Int32, signal: Signal, code: SignalCode, claimedPID: Int32 = 0,
        senderUID: UInt32 = 0, result: Result = .delivered, disposition: Disposition = .unknown, origin: Origin
    ) {
        self.target = target
        self.targetThread = targetThread
        self.signal = signal
        self.code = code
        self.claimedPID = claimedPID
        self.senderUID = senderUID
        self.result = result
        self.disposition = disposition
        self.origin = origin
    }

    /// What became of it in the queue (enum of the kernel's signal_generate tracepoint).
    public enum Result: UInt8, Hashable, Sendable {
        case delivered = 0
        case ignored = 1
        case alreadyPending = 2
        case overflow = 3
        case infoLost = 4
        case unknown = 255
    }

    /// What the target had set for it.
    public enum Disposition: UInt8, Hashable, Sendable {
        case standard = 0
        case ignored = 1
        case handler = 2
        case unknown = 3
    }

    /// Whose act it was.
    public enum Origin: UInt8, Hashable, Sendable {
        /// The event's process made a system call that sends it: kill, tgkill, sigqueue, pidfd_send_signal.
        case process = 0
        /// The kernel sent it on behalf of the event's process, which wrote cgroup.kill, for example.
        case onBehalf = 1
        /// The event's process was the parent, and died (PR_SET_PDEATHSIG).
        case parentDeath = 2
        /// The kernel by itself: a fault, a timer, a terminal, the OOM killer. The event's process only was current.
        case kernel = 3
        /// A process outside the collector's pid namespace.
        case outside = 4
    }
}
