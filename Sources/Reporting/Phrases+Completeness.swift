import Attribution
import EventModel

extension Phrases {
    /// Nothing lost, no gap, every source active.
    static func isComplete(_ completeness: Completeness) -> Bool {
        completeness.lostEvents == 0 && completeness.gaps.isEmpty
            && completeness.sources.allSatisfy { $0.state == .active }
    }

    /// `complete: …`, or what is missing, in one phrase.
    static func completeness(_ completeness: Completeness) -> VisibleText {
        if isComplete(completeness) {
            return completeness.sources.isEmpty
                ? "nothing lost; no source is listed" : "complete: nothing lost, all sources active"
        }
        var parts: [VisibleText] = []
        if completeness.lostEvents > 0 { parts.append("\(count(completeness.lostEvents, "event")) lost") }
        if !completeness.gaps.isEmpty { parts.append(count(completeness.gaps.count, "gap")) }
        for state in [SourceStatus.State.missing, .degraded] {
            let sources = completeness.sources.count { $0.state == state }
            if sources > 0 { parts.append("\(count(sources, "source")) \(state.name)") }
        }
        return "incomplete: \(VisibleText(parts, separator: ", "))"
    }

    /// What cannot be known while a source does not deliver. By its name, which is all there is to go by.
    static func cost(ofMissing source: String) -> VisibleText {
        let name = source.lowercased()
        for (part, cost) in costs where name.contains(part) { return cost }
        return "what only this source records is not in this report"
    }

    private static let costs: [(String, VisibleText)] = [
        ("signal", "who sends a signal is not seen"),
        ("fork", "who made a process is not seen; lineage rests on /proc"),
        ("exec", "what a process runs is known from /proc only; short-lived programs are missed"),
        ("exit", "when and how a process ends is not seen"),
        ("oom", "OOM victims are not seen"), ("victim", "OOM victims are not seen"),
        ("bind", "who holds a port is not seen"), ("socket", "who holds a port is not seen"),
        ("listen", "who holds a port is not seen"), ("inet", "who holds a port is not seen"),
        ("manager", "who asks a manager for a job is not seen"),
        ("sock_send", "who asks a manager for a job is not seen"),
        ("dbus", "who asks a manager for a job is not seen"),
        ("cgroup", "a move between units is not seen"),
        ("journal", "what the journal says of the unit is not known"),
        ("systemd", "the unit's own history is not known"),
        ("psi", "contention can neither be shown nor ruled out"),
        ("kernel-log", "what the kernel itself listed at an OOM kill is not known"),
        ("pressure", "contention can neither be shown nor ruled out"),
        ("connector", "processes that end between two looks are missed"),
        ("procfs", "what ran before the collector is not known"),
    ]
}
