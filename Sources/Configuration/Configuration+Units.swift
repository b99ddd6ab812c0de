public import EventModel

extension Configuration {
    /// Whether one of `watch.units` names it. A pattern is `[system/|user/|user:UID/]GLOB`; without a manager it is of both.
    public func watches(unit: UnitID) -> Bool {
        let names =
            switch unit.manager {
            case .system: [unit.name, "system/" + unit.name]
            case .user(let uid): [unit.name, "user/" + unit.name, "user:\(uid)/" + unit.name]
            }
        return watchedUnits.contains { pattern in names.contains { pattern.matches($0) } }
    }
}
