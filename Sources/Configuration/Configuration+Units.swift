public import EventModel

extension Configuration {
    /// Whether one of `watch.units` names it.
    public func watches(unit: UnitID) -> Bool { watchedUnits.contains { $0.matches(unit) } }
}
