import EventModel
import UnitTracking

/// How the stop or the start of one unit ends another (systemd.unit(5)), by what the manager says of both.
struct StopPropagation {
    var units: UnitTable

    /// Longest way, and most units, that are looked at.
    static let deepest = 8
    static let most = 512

    struct Step: Hashable {
        var unit: String
        var kind: UnitState.Relation.Kind
        var other: String

        /// `web.service is PartOf= base.service`
        var text: String {
            switch kind {
            case .conflicts: "\(unit) conflicts with \(other)"
            case .conflictedBy: "\(other) conflicts with \(unit)"
            case .stopPropagatedFrom: "a stop of \(other) is propagated to \(unit)"
            case .partOf: "\(unit) is PartOf= \(other)"
            case .bindsTo: "\(unit) is BindsTo= \(other)"
            case .requires: "\(unit) Requires= \(other)"
            case .requisite: "\(unit) has Requisite= \(other)"
            case .upholds: "\(unit) Upholds= \(other)"
            case .triggeredBy: "\(unit) is triggered by \(other)"
            }
        }
    }

    static let ofStop: Set<UnitState.Relation.Kind> = [.requires, .requisite, .bindsTo, .partOf, .stopPropagatedFrom]
    private static let ofStart: Set<UnitState.Relation.Kind> = [.conflicts, .conflictedBy]
    private static let pullingIn: Set<UnitState.Relation.Kind> = [.requires, .bindsTo, .upholds]

    /// From `unit` to `root`, nearest first; nil where no way is known.
    func way(from unit: UnitID, toStopOf root: String) -> [Step]? {
        guard root != unit.name else { return nil }
        return walk(from: unit, by: Self.ofStop) { $0 == root }
    }

    /// The same for a start of `root`, which may pull in what conflicts.
    func way(from unit: UnitID, toStartOf root: String) -> [Step]? {
        guard root != unit.name else { return nil }
        let pulled = reached(from: UnitID(manager: unit.manager, name: root))
        for step in relations(of: unit) where Self.ofStart.contains(step.kind) && pulled.contains(step.other) {
            return [step]
        }
        // What was loaded only now is not yet in what was read of the unit that it ends.
        for name in pulled.sorted() {
            let steps = relations(of: UnitID(manager: unit.manager, name: name))
            if let step = steps.first(where: { Self.ofStart.contains($0.kind) && $0.other == unit.name }) {
                return [step]
            }
        }
        return walk(from: unit, by: Self.ofStop) { name in
            relations(of: UnitID(manager: unit.manager, name: name)).contains {
                Self.ofStart.contains($0.kind) && pulled.contains($0.other)
            }
        }
    }

    private func relations(of unit: UnitID) -> [Step] {
        units[unit]?.state?.relations.map { Step(unit: unit.name, kind: $0.kind, other: $0.other) } ?? []
    }

    private func walk(
        from unit: UnitID, by kinds: Set<UnitState.Relation.Kind>, until isEnd: (String) -> Bool
    ) -> [Step]? {
        var ways: [[Step]] = [[]]
        var met: Set<String> = [unit.name]
        for _ in 0..<Self.deepest {
            var further: [[Step]] = []
            for way in ways {
                let here = UnitID(manager: unit.manager, name: way.last?.other ?? unit.name)
                for step in relations(of: here) where kinds.contains(step.kind) && met.insert(step.other).inserted {
                    if isEnd(step.other) { return way + [step] }
                    if met.count < Self.most { further.append(way + [step]) }
                }
            }
            ways = further
        }
        return nil
    }

    /// Everything that a start of `unit` starts as well, itself included.
    private func reached(from unit: UnitID) -> Set<String> {
        var met: Set<String> = [unit.name]
        var waiting = [unit.name]
        while let name = waiting.popLast(), met.count < Self.most {
            for step in relations(of: UnitID(manager: unit.manager, name: name))
            where Self.pullingIn.contains(step.kind) && met.insert(step.other).inserted {
                waiting.append(step.other)
            }
        }
        return met
    }
}
