public import EventModel

/// A daemon that no unit names, and how it is told from others: all patterns that are given must match.
public struct ProcessWatch: Hashable, Sendable {
    public var name: String
    /// Resolved executable.
    public var exe: Glob?
    /// The words of argv joined by single spaces.
    public var argv: Glob?
    /// One process and no other; for a question about a pid.
    public var pid: Int32?
    /// The name that the kernel shows.
    public var comm: Glob?

    public init(name: String, exe: Glob? = nil, argv: Glob? = nil, pid: Int32? = nil, comm: Glob? = nil) {
        self.name = name
        self.exe = exe
        self.argv = argv
        self.pid = pid
        self.comm = comm
    }

    func matches(_ key: ProcessKey, _ image: ExecImage) -> Bool {
        guard exe != nil || argv != nil || pid != nil || comm != nil else { return false }
        return (pid.map { $0 == key.pid } ?? true)
            && (comm.map { $0.matches(image.comm) } ?? true)
            && (exe.map { $0.matches(image.exe ?? image.path) } ?? true)
            && (argv.map { $0.matches(image.argv.joined) } ?? true)
    }
}
