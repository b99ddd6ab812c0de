import EventModel
import IncidentDetection

// What was asked of managers around the disruption, whether or not it mattered: of the subject, and of what it is run by.
extension Story {
    private static let mostCalls = 20

    static func calls(_ disruption: DisruptionCase) -> [Finding.Observation] {
        guard let unit = disruption.unit else { return [] }
        return disruption.calls.all.filter { $0.names(unit) || $0.request.changesConfiguration }.suffix(mostCalls)
            .map { .call($0, disruption) }
    }
}

extension ManagerCall {
    /// What units are, or the limits that they have, may be another after it.
    fileprivate var changesConfiguration: Bool {
        switch verb {
        case .reloadManager, .reexecute, .setProperties, .enable, .disable, .mask, .unmask, .revert, .link, .preset:
            true
        default: false
        }
    }
}
