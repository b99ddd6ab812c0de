public import EventModel

extension ProcFS {
    /// Who has that pid now, its start to the tick; nil when nobody has.
    public func key(of pid: Int32) -> ProcessKey? {
        guard pid > 0, let directory = try? Directory(path: root) else { return nil }
        return (try? ProcPass.stat(at: "\(pid)/stat", in: directory))?.key
    }
}
