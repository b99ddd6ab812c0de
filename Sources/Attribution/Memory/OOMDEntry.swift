/// What systemd-oomd logs of a cgroup that it ends: `Killed /a due to ...`, in later versions `Marked /a for killing due to ...`
/// (oomd-manager.c). Its line has no message id; the one that has is the manager's.
struct OOMDEntry: Equatable {
    /// The cgroup that it ended.
    var cgroup: String
    /// The one whose pressure it acted on; nil where it was the machine's memory and swap.
    var pressed: String?

    /// Nil where it is of something else. What it ends may have any name, so the last words count; what it watches is units.
    init?(_ message: String) {
        guard let due = message.ranges(of: " due to ").last else { return nil }
        let (act, reason) = (message[..<due.lowerBound], message[due.upperBound...])
        let (killed, marked, forKilling) = ("Killed ", "Marked ", " for killing")
        if act.hasPrefix(killed) {
            cgroup = Self.rooted(act.dropFirst(killed.count))
        } else if act.hasPrefix(marked), act.hasSuffix(forKilling) {
            cgroup = Self.rooted(act.dropFirst(marked.count).dropLast(forKilling.count))
        } else {
            return nil
        }
        let pressure = "memory pressure for "
        guard reason.hasPrefix(pressure) else { return }
        let path = reason.dropFirst(pressure.count)
        guard let end = path.firstRange(of: " being ") else { return nil }
        pressed = Self.rooted(path[..<end.lowerBound])
    }

    /// The root's path may be empty.
    private static func rooted(_ path: Substring) -> String { path.hasPrefix("/") ? String(path) : "/" + path }
}
