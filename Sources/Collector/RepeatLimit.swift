import Attribution
import EventModel
import IncidentDetection

/// A unit that ends by itself and is restarted for ever must not push everything else out of the store: of what a subject
/// does to itself again and again, some incidents are kept, and each says how many were left out before it.
///
/// Alike is the same kind of cause on the same subject (the fingerprint), each within `quiet` of the one before. The first
/// `burst` are kept, and then the one with twice the number each time.
struct RepeatLimit: Sendable {
    static let burst = 20
    static let quiet = Interval.seconds(600)
    /// Series that are followed; beyond it those are forgotten that were quiet for longest.
    static let capacity = 1024

    private struct Series: Sendable {
        var count = 0
        var lastAt: BootTime
        var leftOut: UInt64 = 0
        var leftOutSince: BootTime?
    }

    private var series: [String: Series] = [:]
    /// How many were left out, of all that is alike.
    private(set) var leftOut: UInt64 = 0

    /// The incident as it is to be kept; nil where it is left out.
    mutating func admit(_ incident: Incident) -> Incident? {
        // What somebody else did to the subject is told each time, however often.
        guard incident.verdict.outcome == .self else { return incident }
        let key = "\(incident.fingerprint)/\(incident.subject.uid.map(String.init) ?? "")"
        let at = incident.disruption.at
        var known = series[key] ?? Series(lastAt: at)
        if known.lastAt.distance(to: at) > Self.quiet { known = Series(lastAt: at) }
        known.count += 1
        known.lastAt = max(known.lastAt, at)
        let isKept = known.count <= Self.burst || Self.isDoubling(known.count)
        let (before, since) = (known.leftOut, known.leftOutSince)
        if isKept {
            (known.leftOut, known.leftOutSince) = (0, nil)
        } else {
            known.leftOut += 1
            known.leftOutSince = known.leftOutSince ?? at
            leftOut &+= 1
        }
        if series.count >= Self.capacity, series[key] == nil { forgetOldest() }
        series[key] = known
        guard isKept else { return nil }
        guard before > 0 else { return incident }
        return Self.stating(before, since ?? at, number: known.count, incident)
    }

    /// 40, 80, 160, ...
    private static func isDoubling(_ count: Int) -> Bool {
        let (quotient, rest) = count.quotientAndRemainder(dividingBy: burst)
        return rest == 0 && quotient & (quotient - 1) == 0
    }

    private static func stating(_ count: UInt64, _ since: BootTime, number: Int, _ incident: Incident) -> Incident {
        var incident = incident
        let why = "\(count) incidents like this one were left out: it is number \(number) of the same kind in a row"
        incident.verdict.summary += " \(count) like it, just before, were left out: it is number \(number) in a row."
        incident.completeness.gaps.append(
            Gap(source: "incidents", from: since, to: incident.disruption.at, lost: 0, why: why))
        return incident
    }

    private mutating func forgetOldest() {
        let times = series.values.map(\.lastAt).sorted()
        guard !times.isEmpty else { return }
        let last = times[times.count / 2]
        series = series.filter { $0.value.lastAt > last }
    }
}
