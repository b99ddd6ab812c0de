import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// What becomes of a unit when another process of it than the main one is ended.
extension DisruptionCase {
    /// So soon a main process notices that another of its unit is gone.
    static let notices = Interval.seconds(2)

    /// Whether the main process then ended by itself: it exited, or sent itself the signal that had ended the other one, as
    /// what runs another program and ends as that did (npm).
    func mainGaveUp(after fatal: Signal?, at ended: BootTime) -> Bool {
        guard let status = disruption.status, ended <= disruption.at,
            ended.distance(to: disruption.at) <= Self.notices
        else { return false }
        guard let signal = status.signal else { return true }
        guard signal == fatal else { return false }
        let sent = signalsToVictim.filter { $0.signal.signal == signal && $0.signal.tookEffect }
        return !sent.isEmpty && sent.allSatisfy { $0.signal.origin.hasSender && isVictim($0.sender) }
    }

    /// In the unit's cgroup, an agent in there as well: what the manager looks after.
    func isInUnit(_ key: ProcessKey, _ unit: UnitID) -> Bool {
        units.unit(of: key, processes: table, cgroups: cgroups) == unit
    }
}
