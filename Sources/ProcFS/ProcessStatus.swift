/// What `/proc/PID/status` says of a process, as far as it is of use here (proc_pid_status(5)).
public struct ProcessStatus: Hashable, Sendable {
    /// Process id; differs from the id it was asked for where that is a thread's.
    public var threadGroup: Int32
    /// Real user id.
    public var uid: UInt32
    /// The pid in the process's own, innermost pid namespace; nil where that is the reader's.
    public var innerPID: Int32?

    /// Nil unless `Tgid:` and `Uid:` are there in whole lines. The kernel escapes newlines in `Name:`, so a line's
    /// beginning cannot be forged; the first of a kind counts all the same.
    public init?(parsing text: ArraySlice<UInt8>) {
        var rest = text.last == .newline ? text : text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        var threadGroup: Int32?
        var uid: UInt32?
        var namespacedPIDs: [Bytes]?
        while let line = rest.next(until: .newline) {
            guard let colon = line.firstIndex(of: .colon) else { continue }
            let value = line[(colon + 1)...]
            switch line[..<colon].text {
            case "Tgid" where threadGroup == nil: threadGroup = value.trimmed.decimal()
            case "Uid" where uid == nil: uid = value.words.first?.decimal()
            case "NSpid" where namespacedPIDs == nil: namespacedPIDs = value.words
            default: continue
            }
        }
        guard let threadGroup, let uid else { return nil }
        self.threadGroup = threadGroup
        self.uid = uid
        if let pids = namespacedPIDs, pids.count > 1 { innerPID = pids.last?.decimal() }
    }
}
