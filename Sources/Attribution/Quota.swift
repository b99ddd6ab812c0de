import EventModel
import IncidentDetection
import ProcessTracking

/// The subject's own CPU quota (CPUQuota=) kept it from running for a good part of the time.
struct Quota {
    var share: Double
    /// Who had properties of the unit set within the window: perhaps this one.
    var setters: [ProcessKey]
    var evidence: [Finding.Observation]

    private static let notable = 0.25

    init?(_ disruption: DisruptionCase, from start: BootTime, to end: BootTime) {
        share = disruption.throttled(from: start, to: end)
        guard share >= Self.notable, let unit = disruption.unit else { return nil }
        let calls = disruption.calls.all.filter { call in
            call.request.verb == .setProperties && call.names(unit) && !call.isRefused && call.at <= end
        }
        setters = calls.compactMap(\.caller)
        evidence =
            [
                Finding.Observation(
                    at: end, source: .cgroup, kind: "quota",
                    text:
                        "\(disruption.subject.name) was kept from running by its own quota, by \(Starvation.percent(share)) of "
                        + "the time of one CPU", data: ["throttled": .integer(Int64(share * 100))])
            ] + calls.prefix(4).map { .call($0, disruption) }
    }

    var remark: String {
        "; its own CPU quota (CPUQuota=) kept it from running by \(Starvation.percent(share)) of a CPU"
    }
}
