import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// Work that was asked for through a manager is the work of whoever asked (`systemd-run`, a oneshot that was started).
extension DisruptionCase {
    /// So soon after the call what it asked for is started.
    private static let startedFor = Interval.seconds(10)
    private static let deepestRequest = 4

    func requestedTree(_ lineage: [TrackedProcess], depth: Int) -> TreeOwner? {
        guard depth < Self.deepestRequest, let actor = lineage.first, let unit = cgroups.unitID(of: actor.cgroup),
            let end = lineage.firstIndex(where: { $0.creator.map { managers.scope(of: $0) != nil } ?? false }),
            let call = startCall(of: unit, startedAt: lineage[end].key.start), let caller = call.caller,
            !lineage.contains(where: { $0.key == caller })
        else { return nil }
        var owner = owner(of: caller, depth: depth + 1)
        owner.chain += lineage[...end].reversed()
        // The link is by the unit's name and by time.
        owner.isBackFilled = owner.isBackFilled || !isTransient(unit)
        owner.phrase += "; \(name(caller, at: call.at)) \(call.deed), which this is a part of"
        return owner
    }

    private func isTransient(_ unit: UnitID) -> Bool { unit.name.hasPrefix("run-") }

    /// The last call before that start which made the unit, or the timer that starts it.
    private func startCall(of unit: UnitID, startedAt start: BootTime) -> ManagerCalls.Call? {
        let timer = unit.name.hasSuffix(".service") ? unit.name.dropLast("service".count) + "timer" : ""
        return calls.all.last { call in
            guard call.request.manager == unit.manager, !call.isRefused, call.at <= start + Self.sendDelay else {
                return false
            }
            if call.request.verb == .startTransient, call.request.units.contains(String(timer)) { return true }
            guard call.names(unit), call.request.verb.startsUnit else { return false }
            return isTransient(unit) || call.at.distance(to: start) <= Self.startedFor
        }
    }
}
