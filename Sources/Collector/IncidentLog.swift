public import Attribution
import EventModel
import IncidentDetection

/// Incidents in the order in which they settled, those of one act naming each other.
public struct IncidentLog: Sendable {
    /// Most incidents kept in memory, the latest.
    public static let capacity = 1000
    /// One act's signals go out within this time of each other.
    private static let sameAct = Interval.seconds(5)

    public private(set) var all: [Incident] = []
    /// How many were ever added.
    public private(set) var total = 0

    public init() {}

    mutating func add(_ incident: Incident) {
        var incident = incident
        for index in all.indices where Self.isSameAct(all[index], incident) {
            all[index].related.append(incident.id)
            all[index].revision += 1
            incident.related.append(all[index].id)
        }
        all.append(incident)
        total += 1
        if all.count > Self.capacity { all.removeFirst() }
    }

    private static func isSameAct(_ a: Incident, _ b: Incident) -> Bool {
        guard let first = a.verdict.culprit?.actor, let second = b.verdict.culprit?.actor else { return false }
        return first.key == second.key && first.bootID == second.bootID && a.verdict.mechanism == b.verdict.mechanism
            && a.disruption.at.distance(to: b.disruption.at) <= sameAct
    }
}
