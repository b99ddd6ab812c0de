/// One record of the kernel's log, as a read of `/dev/kmsg` gives it: `6,10776,26275124082,-;Tasks state ...`
/// (Documentation/ABI/testing/dev-kmsg).
public struct KernelLogRecord: Hashable, Sendable {
    /// Written by the kernel: whoever writes to `/dev/kmsg` gets another facility from it.
    public var isOfKernel: Bool
    /// Counts up by 1; a jump says that records were written over.
    public var sequence: UInt64
    /// By the log's own clock, which runs freely: it drifts from CLOCK_MONOTONIC by seconds over days. Two of them differ
    /// by what lay between them, to the microsecond.
    public var microseconds: UInt64
    /// What is no printable ASCII, and `\`, stands as `\xNN`.
    public var text: ArraySlice<UInt8>

    public init?(parsing bytes: ArraySlice<UInt8>) {
        guard let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        var prefix = bytes[..<semicolon]
        let comma = UInt8(ascii: ",")
        guard let priority = prefix.next(until: comma)?.decimal(UInt32.self),
            let sequence = prefix.next(until: comma)?.decimal(UInt64.self),
            let microseconds = prefix.next(until: comma)?.decimal(UInt64.self)
        else { return nil }
        // The three lowest bits are how urgent it is.
        isOfKernel = priority >> 3 == 0
        self.sequence = sequence
        self.microseconds = microseconds
        // Behind the first line stand properties of the device that it is about.
        var lines = bytes[(semicolon + 1)...]
        text = lines.next(until: .newline) ?? lines
    }
}
