public import EventModel

/// What `/proc/PID/stat` says of a process, as far as it is of use here (proc_pid_stat(5)).
public struct ProcessStat: Hashable, Sendable {
    public var pid: Int32
    /// The thread leader's name. Any bytes but NUL; at most 15, for kernel workers up to 63.
    public var comm: String
    /// One letter: `R`, `S`, `D`, `Z`, ...
    public var state: Unicode.Scalar
    public var parentPID: Int32
    public var session: Int32
    /// Device number of the controlling terminal, 0 for none.
    public var terminal: Int32
    /// The kernel's PF_ bits of the thread leader.
    public var flags: UInt32
    /// CPU time in ticks of 1/100 s, that of ended children included for which it has waited.
    public var cpuTicks: UInt64
    /// Number of threads; the leader counts until the process is reaped.
    public var threads: Int32
    /// When the process started, in ticks of 1/100 s of CLOCK_BOOTTIME.
    public var startTicks: UInt64
    /// Resident set size in pages.
    public var residentPages: UInt64
    /// Address at which program text begins; 0 without an image (kernel thread, ended, in the middle of an exec) and
    /// 1 where the reader may not know.
    public var startCode: UInt64
    /// Address of the bottom of the stack; 0 where the reader may not know.
    public var startStack: UInt64
    /// Status as wait(2) returns it once the process has ended; nil where the reader may not know, or it still runs.
    public var exitStatus: ExitStatus?

    public var key: ProcessKey { ProcessKey(pid: pid, start: BootTime(ticks: startTicks)) }

    /// PF_KTHREAD.
    public var isKernelThread: Bool { flags & 0x0020_0000 != 0 }

    /// PF_EXITING: the thread leader is on its way out; other threads may live on.
    public var isLeaderExiting: Bool { flags & 0x4 != 0 || isLeaderDead }

    /// The last thread is gone; only the parent's wait(2) is missing. A dead leader with living threads has not ended.
    public var hasEnded: Bool { isLeaderDead && threads <= 1 }

    private var isLeaderDead: Bool { state == "Z" || state == "X" || state == "x" }
}

extension ProcessStat {
    /// Parses the whole text, its final newline included: a text that was cut is refused, because its last number would
    /// be a wrong one. The name may hold spaces, parentheses and newlines, so the fields begin after the *last* `)`.
    public init?(parsing text: ArraySlice<UInt8>) {
        guard text.last == .newline, let open = text.firstIndex(of: UInt8(ascii: "(")),
            let close = text.lastIndex(of: UInt8(ascii: ")")), open < close,
            let pid = text[..<open].trimmed.decimal(Int32.self)
        else { return nil }
        var fields = Fields(rest: text[(close + 1)...].trimmed)
        guard let letter = fields.next(), letter.count == 1, let state = letter.first.map(Unicode.Scalar.init),
            ("A"..."z").contains(state),
            let parentPID = fields.next()?.decimal(Int32.self),
            let session = fields.next(skipping: 1)?.decimal(Int32.self),
            let terminal = fields.next()?.decimal(Int32.self),
            let flags = fields.next(skipping: 1)?.decimal(UInt32.self),
            let times = fields.numbers(4, skipping: 4),
            let threads = fields.next(skipping: 2)?.decimal(Int32.self),
            let startTicks = fields.next(skipping: 1)?.decimal(UInt64.self),
            let residentPages = fields.next(skipping: 1)?.decimal(UInt64.self)
        else { return nil }
        self.pid = pid
        self.comm = text[(open + 1)..<close].text
        self.state = state
        self.parentPID = parentPID
        self.session = session
        self.terminal = terminal
        self.flags = flags
        cpuTicks = times.reduce(0, &+)
        self.threads = threads
        self.startTicks = startTicks
        self.residentPages = residentPages
        self.startCode = fields.next(skipping: 1)?.decimal() ?? 0
        self.startStack = fields.next(skipping: 1)?.decimal() ?? 0
        let mayLook = fields.next(skipping: 6)?.decimal(UInt64.self) ?? 0
        let status = fields.next(skipping: 16)?.decimal(Int32.self)
        self.exitStatus = nil
        guard hasEnded, let status else { return }
        // Both fields are 0 for a reader without permission, and then 0 is no success. Nobody waits where it is not
        // allowed to look, so the wait channel (1 for whatever sleeps) tells the two apart.
        if status != 0 || mayLook != 0 { exitStatus = ExitStatus(rawValue: UInt32(bitPattern: status)) }
    }

    /// The numbers after the name, in order.
    private struct Fields {
        var rest: Bytes

        mutating func next(skipping count: Int = 0) -> Bytes? {
            for _ in 0..<count where rest.next(until: .space) == nil { return nil }
            return rest.next(until: .space)
        }

        /// Some may be negative, on kernels that once did so; then they count as none.
        mutating func numbers(_ count: Int, skipping skipped: Int) -> [UInt64]? {
            var numbers: [UInt64] = []
            for index in 0..<count {
                guard let field = next(skipping: index == 0 ? skipped : 0) else { return nil }
                numbers.append(field.decimal() ?? 0)
            }
            return numbers
        }
    }
}
