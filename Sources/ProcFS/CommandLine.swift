public import EventModel

/// argv as `/proc/PID/cmdline` shows it now; the process may have written over it since its exec.
public struct CommandLine: Hashable, Sendable {
    public var argv: ArgumentVector
    /// It is longer than what was read: `argv` has no tail, and its length is only a lower bound.
    public var isCut: Bool

    /// How much of the file is read, in bytes.
    public static let readLimit = 128 * 1024
    /// Longest pieces that are kept, in bytes; the same as of an exec seen by the kernel programs.
    static let headLimit = 1536
    static let tailLimit = 512

    /// NULs at the end, from which on there are as many, are padding left by a program that has set its title; fewer are
    /// empty arguments.
    static let paddingLength = 8

    public init(parsing bytes: ArraySlice<UInt8>, isCut: Bool = false) {
        self.isCut = isCut
        let end = (bytes.lastIndex { $0 != 0 } ?? bytes.startIndex - 1) + 1
        let isPadded = !isCut && bytes.endIndex - end >= Self.paddingLength
        let words = isPadded ? bytes[..<(end == bytes.startIndex ? end : end + 1)] : bytes
        let head = words.prefix(Self.headLimit)
        let tail = isCut ? [] : words.dropFirst(Self.headLimit).suffix(Self.tailLimit)
        argv = ArgumentVector(
            head: Array(head), tail: Array(tail), totalBytes: isCut ? words.count + 1 : words.count)
    }
}
