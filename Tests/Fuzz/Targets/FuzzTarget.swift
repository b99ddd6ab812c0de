/// A piece of code that must take any bytes: it may say no, it may not trap, hang or break its own promises.
public struct FuzzTarget: Sendable {
    public var name: String
    /// Valid inputs, from which others are made.
    public var seeds: @Sendable () -> [[UInt8]]
    public var run: @Sendable (UnsafeRawBufferPointer) -> Void

    /// Every target; a new decoder or parser is one more line.
    public static let all: [FuzzTarget] =
        [
            FuzzTarget(name: "event-decoder", seeds: { recordSeeds() }, run: { decode($0) }),
            FuzzTarget(name: "record-sequence", seeds: { sequenceSeeds() }, run: { walk($0) }),
            FuzzTarget(name: "recording-reader", seeds: { recordingSeeds() }, run: { read($0) }),
            FuzzTarget(name: "glob", seeds: { globSeeds() }, run: { match($0) }),
            FuzzTarget(name: "bus-messages", seeds: { busSeeds() }, run: { parseBus($0) }),
        ] + parsers + control

    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
