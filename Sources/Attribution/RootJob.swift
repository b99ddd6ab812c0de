import EventModel
import IncidentDetection

/// The request whose transaction the stop of a unit belongs to, though it names another unit.
struct RootJob {
    var call: ManagerCalls.Call
    /// The unit that was named.
    var root: String
    /// From the subject to `root`; empty where the way is not known.
    var way: [StopPropagation.Step]
}

extension DisruptionCase {
    /// A transaction's jobs are numbered in one go, the one that was asked for first: of all requests, the one with the
    /// highest number below the stop's own is its root, if what it names reaches the subject.
    func rootJob(of stop: UnitStop) -> RootJob? {
        let earlier = calls.all.filter { call in
            isInTime(call, stop) && call.request.manager == stop.unit.manager && !call.jobs.isEmpty
                && !call.names(stop.unit) && stop.job.map { job in call.jobs.allSatisfy { $0 <= job } } ?? true
        }
        let ordered = earlier.sorted { ($0.jobs.max() ?? 0, $0.at) < ($1.jobs.max() ?? 0, $1.at) }
        guard let last = ordered.last else { return nil }
        // A request's own number may be that of a job that was there already, so older ones are asked as well.
        for call in ordered.reversed().prefix(32) {
            guard let (root, way) = way(from: stop.unit, for: call.request) else { continue }
            guard call == last || stop.job == nil || call.at.distance(to: stop.at) <= .seconds(90) else { continue }
            return RootJob(call: call, root: root, way: way)
        }
        return nil
    }

    private func way(from unit: UnitID, for request: ManagerCall) -> (String, [StopPropagation.Step])? {
        let propagation = StopPropagation(units: units)
        for root in request.units {
            if request.verb.endsUnit, let way = propagation.way(from: unit, toStopOf: root) { return (root, way) }
            if request.verb.startsUnit, let way = propagation.way(from: unit, toStartOf: root) { return (root, way) }
            // What isolates stops all that it does not want; so does the end of the host, whatever relations are known.
            guard request.mode == "isolate" || HostTargets.all.contains(root) else { continue }
            return (root, propagation.way(from: unit, toStartOf: "shutdown.target") ?? [])
        }
        return nil
    }
}
