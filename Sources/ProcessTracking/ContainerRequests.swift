import EventModel

/// What container engines were asked to run, and the containers in which that then began. The engine's daemons make the
/// process; the request names the container, and so does the cgroup that the process is put into.
struct ContainerRequests: Sendable {
    struct Asked: Hashable, Sendable {
        var caller: ProcessKey
        var tag: Int32
        var at: BootTime
        var source: Source
        /// `start`, `restart`, `exec`
        var verb: String
        /// Name or id of the container.
        var reference: String

        var isExec: Bool { verb == "exec" }
        var via: String { "\(verb) of the container \(reference)" }
    }

    /// Whose work began.
    enum Finding: Hashable, Sendable {
        case asked(Asked, RequestEdge.Certainty)
        /// More than one may have asked.
        case open(Asked)
    }

    private struct Container: Sendable {
        /// Its directory, which is another for each of its runs.
        var cgroup: CgroupID
        var since: BootTime
        /// Who had it started last.
        var asked: Asked?
    }

    private static let waitingKept = 64
    private static let containersKept = 1024
    /// So long an engine takes from the request to the process.
    private static let patience = Interval.seconds(30)

    /// Not led to anything yet, the oldest first.
    private var waiting: [Asked] = []
    private var containers: [ContainerID: Container] = [:]

    /// Takes in a request; gives the process that need not be remembered any more.
    mutating func ask(_ asked: Asked) -> ProcessKey? {
        waiting.append(asked)
        return waiting.count > Self.waitingKept ? waiting.removeFirst().caller : nil
    }

    /// A process that is made from outside of a container begins in it. Gives whose work that is, and the processes that
    /// need not be remembered any more.
    mutating func begin(_ process: ProcessKey, in id: ContainerID, _ cgroup: CgroupID) -> (
        finding: Finding?, released: [ProcessKey]
    ) {
        let known = containers[id]
        let isFirst = known?.cgroup != cgroup
        let time = process.start
        let fitting = waiting.filter {
            $0.isExec != isFirst && $0.at <= time && $0.at.distance(to: time) <= Self.patience && mayMean($0, id)
        }
        let named = fitting.filter { id.isMeant(by: $0.reference) }
        let finding = Self.finding(named.isEmpty ? fitting : named, isNamed: !named.isEmpty)
        var released: [ProcessKey] = []
        if case .asked(let asked, _)? = finding, let index = waiting.firstIndex(of: asked) { waiting.remove(at: index) }
        guard isFirst else {
            if case .asked(let asked, _)? = finding { released.append(asked.caller) }
            return (finding, released)
        }
        var container = Container(cgroup: cgroup, since: time, asked: known?.asked)
        if case .asked(let asked, _)? = finding {
            if let before = known?.asked { released.append(before.caller) }
            container.asked = asked
        }
        released += makeRoom(for: id)
        containers[id] = container
        // The engine starts again what ended, for whoever had it started.
        return (finding ?? container.asked.map { Finding.asked($0, .named) }, released)
    }

    private func mayMean(_ asked: Asked, _ id: ContainerID) -> Bool {
        id.isMeant(by: asked.reference) || !ContainerID.isWhole(asked.reference)
    }

    /// Several requests of one agent's are the same to everybody else.
    private static func finding(_ fitting: [Asked], isNamed: Bool) -> Finding? {
        guard let first = fitting.first else { return nil }
        let isOneCaller = fitting.allSatisfy { $0.caller == first.caller }
        guard fitting.allSatisfy({ $0.tag == first.tag }), first.tag != 0 || isOneCaller else { return .open(first) }
        return .asked(first, isNamed ? .named : .inferred)
    }

    /// Those that were started earliest go.
    private mutating func makeRoom(for id: ContainerID) -> [ProcessKey] {
        guard containers.count >= Self.containersKept, containers[id] == nil else { return [] }
        let oldest = containers.sorted { ($0.value.since, $0.key.text) < ($1.value.since, $1.key.text) }
            .prefix(Self.containersKept / 16)
        for (id, _) in oldest { containers[id] = nil }
        return oldest.compactMap { $0.value.asked?.caller }
    }
}
