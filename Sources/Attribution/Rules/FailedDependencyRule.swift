import EventModel
import IncidentDetection
import UnitTracking

/// The manager stopped the subject because a unit that it is bound to had ended, without anybody asking for that: whoever
/// ended that unit did it, or it did it to itself.
enum FailedDependencyRule: Rule {
    static let id = "dependency.failed-unit"
    /// So soon the manager stops what was bound to it.
    private static let follows = Interval.seconds(2)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard !disruption.isOfDependency, let unit = disruption.unit, let stop = disruption.unitStop,
            !disruption.endedOtherwise(before: stop), disruption.request(for: stop) == nil,
            let (root, ended) = root(of: unit, stop, disruption),
            let finding = verdict(on: root, ended, disruption), finding.confidence > .none
        else { return nil }
        var own = finding
        own.rule = id
        own.furtherRules = [finding.rule] + finding.furtherRules
        own.mechanism = .dependency
        own.confidence = min(finding.confidence, .likely)
        own.act = "\(finding.act), and \(unit.name), which is BindsTo= \(root.name), was stopped with it"
        own.evidence = finding.evidence + stop.evidence + [.end(of: disruption)]
        return own
    }

    /// A unit that the subject is bound to and that had just ended, without a job of its own.
    private static func root(
        of unit: UnitID, _ stop: UnitStop, _ disruption: DisruptionCase
    ) -> (UnitID, Invocation)? {
        let bound = disruption.units[unit]?.state?.relations.filter { $0.kind == .bindsTo }.map(\.other) ?? []
        for name in bound {
            let root = UnitID(manager: unit.manager, name: name)
            let ended = disruption.units[root]?.invocations.last { invocation in
                guard let end = invocation.end?.at else { return false }
                return end <= stop.at && end.distance(to: stop.at) <= follows
            }
            if let ended { return (root, ended) }
        }
        return nil
    }

    /// The same rules, asked about that unit.
    private static func verdict(on root: UnitID, _ ended: Invocation, _ disruption: DisruptionCase) -> Finding? {
        var other = disruption
        other.isOfDependency = true
        other.detected.subject = Subject(unit: root)
        other.detected.disruption = Disruption(
            kind: .failed, at: ended.end?.at ?? disruption.disruption.at, mainBefore: ended.main,
            status: ended.end?.status)
        return Judge.finding(other)
    }
}
