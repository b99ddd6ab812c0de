import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// Whose memory was in use when the lowered limit was reached: under the limit of a slice that need not be the subject's.
extension LoweredLimit {
    enum Holder {
        /// The subject's, or that of whoever lowered the limit.
        case subject
        /// Nobody's in particular, or it was not recorded.
        case unknown
        case another
    }

    /// So soon after the change what was in use already was more than the limit.
    private static let atOnce = Interval.seconds(10)
    /// Within this time it is as likely that the limit was too low as that somebody took too much.
    private static let recent = Interval.seconds(60)

    func holder(in oom: Finding, _ unit: UnitID, _ disruption: DisruptionCase) -> Holder {
        if oom.isSelf { return .subject }
        guard let hog = oom.actor else { return unit == disruption.unit ? .subject : .unknown }
        return changer.map { disruption.isOfOneTree($0, hog) } ?? false ? .subject : .another
    }

    func isAtOnce(_ kill: OOMKill) -> Bool { becameAt + Self.atOnce >= kill.event.time }

    func isRecent(_ kill: OOMKill) -> Bool { becameAt + Self.recent >= kill.event.time }

    private var becameAt: BootTime { tookEffectAt ?? limit.at }

    /// ` 3 min later`, where it was not at once.
    func later(_ kill: OOMKill) -> String {
        let minutes = Int(becameAt.distance(to: kill.event.time).seconds / 60)
        return becameAt < kill.event.time && minutes > 0 ? " \(minutes) min later" : ""
    }

    /// Somebody else is the hog, and whoever lowered the limit had a part in it.
    func weaken(_ finding: inout Finding, _ unit: UnitID, _ kill: OOMKill, _ disruption: DisruptionCase) {
        // What began under that limit filled it, whatever it was before.
        if let hog = finding.actor, hog.start > becameAt {
            finding.evidence += evidence
            return
        }
        finding.confidence = min(finding.confidence, isRecent(kill) ? .possible : .likely)
        finding.suspects += rivals + [changer].compactMap { $0 }
        finding.evidence += evidence
        let by = changer.map { "\(disruption.name($0, at: changedAt)) \(deed)" } ?? deed
        if let changer {
            finding.alternatives.append(
                disruption.alternative(
                    changer, "\(by) before; what then filled it was another's memory", .configChange))
        }
        let note = "Not certain: the memory limit of \(unit.name) \(course) before that; \(by)."
        finding.add(note: note)
    }

    /// `went from 1024 MiB to 64 MiB`
    var course: String { "went from \(Self.text(limit.from)) to \(Self.text(limit.to))" }

    static func text(_ bytes: UInt64?) -> String { bytes.map { "\($0 >> 20) MiB" } ?? "none" }
}

extension DisruptionCase {
    /// One agent's, or below one root.
    func isOfOneTree(_ one: ProcessKey, _ other: ProcessKey) -> Bool {
        if party(of: one) == party(of: other) { return true }
        guard let root = owner(of: one).chain.first?.key else { return false }
        return owner(of: other).chain.first?.key == root
    }
}
