import EventModel
import IncidentDetection

/// The subject was stopped because another unit was: a request named that unit, and the subject goes with it. Its
/// requester is the one who did it.
enum DependencyRule: Rule {
    static let id = "dependency.root-job"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let stop = disruption.unitStop, !disruption.endedOtherwise(before: stop),
            disruption.request(for: stop) == nil, let root = disruption.rootJob(of: stop),
            !HostTargets.all.contains(root.root), root.call.request.mode != "isolate",
            let request = disruption.request(for: root, stop)
        else { return nil }
        var finding = disruption.finding(id, request, stop)
        finding.mechanism = .dependency
        let way = root.way.map(\.text).joined(separator: ", ")
        if request.caller != nil {
            finding.act = "\(request.deed), and \(way): \(disruption.subject.name) went with it"
        }
        return finding
    }
}

extension DisruptionCase {
    /// Who asked for the root; less sure where the subject's own job was not seen to be one of that transaction.
    func request(for root: RootJob, _ stop: UnitStop) -> Request? {
        let alike = calls.all.filter { call in
            call == root.call
                || (call.request.manager == root.call.request.manager && !call.isRefused
                    && call.names(UnitID(manager: stop.unit.manager, name: root.root))
                    && call.jobs.contains { root.call.jobs.contains($0) } && isInTime(call, stop))
        }
        guard var request = request(alike, confidence: .proven) else { return nil }
        if stop.job == nil || root.way.isEmpty { request.confidence = min(request.confidence, .likely) }
        request.evidence += root.way.map { step in
            Finding.Observation(
                at: stop.at, source: .systemd, kind: "relation", text: step.text,
                data: [
                    "relation": .text(String(describing: step.kind)), "unit": .text(step.unit),
                    "other": .text(step.other),
                ])
        }
        return request
    }
}
