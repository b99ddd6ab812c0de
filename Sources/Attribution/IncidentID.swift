import EventModel
import IncidentDetection
import ProcessTracking

/// Names of incidents: the same recording always gives the same ones.
enum IncidentID {
    /// `20261121T042433.123456789Z-9f3a77c1`: the time of the disruption, then a hash of the subject and its main process.
    static func make(_ disruption: DisruptionCase) -> String {
        let victim = disruption.victim.map { "\($0.pid):\($0.start.nanoseconds)" } ?? ""
        let manager = disruption.subject.uid.map { "user:\($0)/" } ?? ""
        let hash = fnv1a(
            "\(disruption.host.bootID)/\(disruption.subject.kind.rawValue)/\(manager)\(disruption.subject.name)/\(victim)"
        )
        return disruption.wallOffset.wall(disruption.disruption.at).compact + "-" + hex(hash, digits: 8)
    }

    static func fingerprint(_ subject: Subject, _ verdict: Verdict) -> String {
        let parts = [
            subject.kind.rawValue, subject.name, subject.manager?.rawValue ?? "", verdict.outcome.rawValue,
            verdict.mechanism.rawValue, verdict.culprit?.agent?.name ?? "", verdict.culprit?.actor.comm ?? "",
        ]
        return hex(fnv1a(parts.joined(separator: "\u{1f}")), digits: 16)
    }

    /// FNV-1a, 64 bits: stable between runs, unlike Swift's own hashing. Not for anything that an enemy may choose.
    private static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String((String(repeating: "0", count: max(0, 16 - text.count)) + text).suffix(digits))
    }
}
