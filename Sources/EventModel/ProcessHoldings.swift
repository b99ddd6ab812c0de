/// What processes held, each looked at by itself while memory was short: what dies with them, should they be ended for it.
/// What they ran is in the process table.
public struct ProcessHoldings: Hashable, Sendable {
    public var entries: [ProcessHolding]
    /// Processes that were to be looked at, and were not: for want of time, or because they had ended or are closed to us.
    public var omitted: UInt32

    /// Most entries of one record.
    public static let capacity = 32

    public init(entries: [ProcessHolding], omitted: UInt32 = 0) {
        self.entries = entries
        self.omitted = omitted
    }
}

/// One process.
public struct ProcessHolding: Hashable, Sendable {
    public var process: ProcessKey
    /// KiB in memory: of its own, of files, and shared (VmRSS).
    public var residentKiB: UInt64
    /// KiB swapped out (VmSwap).
    public var swapKiB: UInt64
    public var descriptors: OpenDescriptors

    public init(process: ProcessKey, residentKiB: UInt64, swapKiB: UInt64, descriptors: OpenDescriptors) {
        self.process = process
        self.residentKiB = residentKiB
        self.swapKiB = swapKiB
        self.descriptors = descriptors
    }
}

/// How many descriptors a process has open, and of what kind. What is none of these is a device, memory without a name, or
/// of the kernel's own (epoll, timers, ...).
public struct OpenDescriptors: Hashable, Sendable {
    public var count: UInt32
    public var sockets: UInt32
    /// Without a name in the file system.
    public var pipes: UInt32
    /// Whatever has a path outside `/dev`: files, directories, named pipes.
    public var files: UInt32
    /// Of these, those whose name is gone: what is in them is lost with the last process that has them open.
    public var deletedFiles: UInt32
    /// There were more, and nobody counted further: each number is the least.
    public var isCut: Bool

    public init(
        count: UInt32 = 0, sockets: UInt32 = 0, pipes: UInt32 = 0, files: UInt32 = 0, deletedFiles: UInt32 = 0,
        isCut: Bool = false
    ) {
        self.count = count
        self.sockets = sockets
        self.pipes = pipes
        self.files = files
        self.deletedFiles = deletedFiles
        self.isCut = isCut
    }
}
