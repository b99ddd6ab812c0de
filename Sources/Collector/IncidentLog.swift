public import Attribution
import EventModel
import IncidentDetection

/// Incidents in the order in which they settled, those of one act naming each other.
public struct IncidentLog: Sendable {
    /// Most incidents kept in memory, the latest.
    public static let capacity = 1000
    /// One act's signals go out within this time of each other.
    private static let sameAct = Interval.seconds(5)
    /// What follows from one act through a manager's queue takes as long as units take to stop.
    private static let sameQueue = Interval.seconds(90)

    public private(set) var all: [Incident] = []
    /// How many were ever added.
    public private(set) var total = 0
    /// Counts additions and changes.
    public private(set) var changes = 0
    /// `changes` as it was at the latest change of each incident, in the order of `all`.
    private var stamps: [Int] = []
    private var repeats = RepeatLimit()
    /// Incidents that happened alike so often that only some of them are kept.
    public var leftOut: UInt64 { repeats.leftOut }

    public init() {}

    mutating func add(_ incident: Incident) {
        guard var incident = repeats.admit(incident) else { return }
        for index in all.indices where Self.isSameAct(all[index], incident) {
            all[index].related.append(incident.id)
            touch(index)
            incident.related.append(all[index].id)
        }
        all.append(incident)
        changes += 1
        stamps.append(changes)
        total += 1
        if all.count > Self.capacity {
            all.removeFirst()
            stamps.removeFirst()
        }
    }

    private mutating func touch(_ index: Int) {
        all[index].revision += 1
        changes += 1
        stamps[index] = changes
    }

    /// Those that were added or changed after `changes` had that value, in order.
    public func changed(after before: Int) -> [Incident] {
        guard changes > before else { return [] }
        return zip(all, stamps).filter { $0.1 > before }.map(\.0)
    }

    /// The subject runs again: the one thing of a judged incident that may still change, beside what it is related to.
    mutating func recovered(_ recovery: UnitDetector.Recovery) {
        let index = all.lastIndex {
            $0.subject.unit == recovery.unit && $0.disruption.at == recovery.disruptionAt
                && $0.disruption.recoveredAt == nil
        }
        guard let index else { return }
        all[index].disruption.recoveredAt = recovery.recoveredAt
        touch(index)
    }

    private static func isSameAct(_ a: Incident, _ b: Incident) -> Bool {
        let apart = a.disruption.at.distance(to: b.disruption.at)
        guard a.host.bootID == b.host.bootID, apart <= sameQueue else { return false }
        if a.verdict.mechanism == .hostShutdown, b.verdict.mechanism == .hostShutdown { return true }
        guard let first = a.verdict.culprit?.actor, let second = b.verdict.culprit?.actor, first.key == second.key
        else {
            return false
        }
        let mechanisms = Set([a.verdict.mechanism, b.verdict.mechanism])
        if apart <= sameAct, mechanisms.count == 1 { return true }
        // The unit that was named or that ended by itself, and those that went with it.
        return mechanisms.contains(.dependency)
    }
}
