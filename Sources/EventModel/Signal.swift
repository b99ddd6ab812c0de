/// A signal number of Linux. Unknown and real-time numbers survive.
public struct Signal: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let hangup = Signal(rawValue: 1)
    public static let interrupt = Signal(rawValue: 2)
    public static let quit = Signal(rawValue: 3)
    public static let illegal = Signal(rawValue: 4)
    public static let trap = Signal(rawValue: 5)
    public static let abort = Signal(rawValue: 6)
    public static let bus = Signal(rawValue: 7)
    public static let floatingPoint = Signal(rawValue: 8)
    public static let kill = Signal(rawValue: 9)
    public static let segmentation = Signal(rawValue: 11)
    public static let pipe = Signal(rawValue: 13)
    public static let terminate = Signal(rawValue: 15)
    public static let continued = Signal(rawValue: 18)
    public static let stop = Signal(rawValue: 19)

    private static let names = [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    /// `SIGTERM`, `SIGRTMIN+3`, or `signal 99` for a number that Linux does not name.
    public var name: String {
        switch Int(rawValue) {
        case 1..<Self.names.count: "SIG" + Self.names[Int(rawValue)]
        case 34: "SIGRTMIN"
        case 35...64: "SIGRTMIN+\(rawValue - 34)"
        default: "signal \(rawValue)"
        }
    }

    /// Stops the process rather than ending it (job control; only SIGSTOP cannot be handled).
    public var stops: Bool { (19...22).contains(rawValue) }

    /// Asks a program to end; well-behaved daemons handle it and then exit on their own.
    public var asksToEnd: Bool { [Self.terminate, .interrupt, .quit, .hangup].contains(self) }
}

/// `si_code` of a signal: who made it, and how.
public struct SignalCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// kill(2), and signals that the kernel sends on behalf of `current`.
    public static let user = SignalCode(rawValue: 0)
    /// sigqueue(3), rt_sigqueueinfo(2).
    public static let queue = SignalCode(rawValue: -1)
    public static let timer = SignalCode(rawValue: -2)
    public static let messageQueue = SignalCode(rawValue: -3)
    public static let asyncIO = SignalCode(rawValue: -4)
    public static let socketIO = SignalCode(rawValue: -5)
    /// tgkill(2), tkill(2).
    public static let thread = SignalCode(rawValue: -6)
    public static let kernel = SignalCode(rawValue: 0x80)

    public var name: String {
        switch self {
        case .user: "SI_USER"
        case .queue: "SI_QUEUE"
        case .timer: "SI_TIMER"
        case .messageQueue: "SI_MESGQ"
        case .asyncIO: "SI_ASYNCIO"
        case .socketIO: "SI_SIGIO"
        case .thread: "SI_TKILL"
        case .kernel: "SI_KERNEL"
        default: rawValue > 0 ? "fault \(rawValue)" : "si_code \(rawValue)"
        }
    }
}
