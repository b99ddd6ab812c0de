public import EventModel

extension Configuration {
    /// Whether one of `watch.units` names it. A pattern is `[system/|user/|user:UID/]GLOB`; without a manager it is of both.
    public func watches(unit: UnitID) -> Bool {
        watchedUnits.contains { $0.matches(unit) }
    }
}
