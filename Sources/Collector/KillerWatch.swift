import EventModel

/// Something was ended because memory ran short.
struct MemoryKill: Hashable {
    var at: BootTime
    /// The cgroup whose limit was reached; nil for the machine, and where it is not known.
    var scope: CgroupID?
}

/// Notices when the kernel's OOM killer, or a daemon that ends processes where memory runs short, has ended one: then a table
/// is taken. Who such a daemon was in truth, a rule decides; here a table too many is all that a false name gets.
struct KillerWatch {
    private var killers: Set<Int32> = []
    /// Most that are followed.
    private static let capacity = 64

    /// The kill that this event is; nil where it is none.
    mutating func notice(_ event: Event) -> MemoryKill? {
        switch event.body {
        case .exec(let exec): learn(event.process, exec.image.path)
        case .seen(let seen): if let image = seen.image { learn(event.process, image.path) }
        case .exit: if !killers.isEmpty, let pid = event.process?.pid { killers.remove(pid) }
        case .oomVictim(let victim): return MemoryKill(at: event.time, scope: victim.scope.cgroup)
        case .signal(let sent):
            guard !killers.isEmpty, let pid = event.process?.pid, killers.contains(pid), sent.target.pid != pid,
                sent.signal == .kill || sent.signal == .terminate
            else { return nil }
            return MemoryKill(at: event.time)
        default: break
        }
        return nil
    }

    private mutating func learn(_ process: ProcessKey?, _ path: String) {
        guard let pid = process?.pid else { return }
        // What it executes next may be the interpreter of the script that it is.
        if MemoryKiller.isOne(path: path), killers.count < Self.capacity { killers.insert(pid) }
    }
}
