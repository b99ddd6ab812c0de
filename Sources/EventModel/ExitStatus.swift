/// How a process ended, as wait(2) reports it: bits 8-15 the exit code, bits 0-6 the signal, bit 7 a core dump.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static func code(_ code: UInt8) -> ExitStatus { ExitStatus(rawValue: UInt32(code) << 8) }
    public static func signal(_ signal: Signal, coreDumped: Bool = false) -> ExitStatus {
        ExitStatus(rawValue: UInt32(signal.rawValue & 0x7f) | (coreDumped ? 0x80 : 0))
    }

    /// The exit code, 0 to 255; nil when a signal ended it.
    public var code: Int32? { signal == nil ? Int32((rawValue >> 8) & 0xff) : nil }

    /// The signal that ended it; nil when it exited.
    public var signal: Signal? {
        let number = Int32(rawValue & 0x7f)
        return number == 0 ? nil : Signal(rawValue: number)
    }

    public var coreDumped: Bool { rawValue & 0x80 != 0 && signal != nil }

    /// Exit code 0.
    public var isSuccess: Bool { rawValue & 0xff7f == 0 }
}
