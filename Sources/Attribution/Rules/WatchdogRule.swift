import EventModel
import IncidentDetection
import ResourceTracking

/// The manager's watchdog ended the subject, and nobody had stopped it: it hung by itself. That nothing on the host kept
/// it from running can only be said where pressure is measured.
enum WatchdogRule: Rule {
    static let id = "watchdog.own"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let watchdog = disruption.watchdog, let victim = disruption.victim, !disruption.endedBeforeRecording
        else { return nil }
        let waited = watchdog.interval.map { " for \(Int($0.seconds)) s" } ?? ""
        let isWindowLongEnough = watchdog.interval.map { $0 < DisruptionCase.window } ?? false
        let pressure = Pressure(disruption, from: watchdog.at - (watchdog.interval ?? .seconds(30)), to: watchdog.at)
        let isCertain = pressure.isLow && isWindowLongEnough && disruption.seesSignals && watchdog.isStated
        return Finding(
            rule: id, mechanism: .watchdog, actor: victim, actedAt: watchdog.at, isSelf: true,
            confidence: isCertain ? .proven : .likely, restsOnSilence: true,
            act: "\(disruption.subject.name) did not answer its watchdog\(waited), so the manager ended it; "
                + "no process was seen stopping it",
            evidence: watchdog.evidence + [.end(of: disruption)],
            alternatives: pressure.isLow
                ? []
                : [Alternative(outcome: .unknown, mechanism: .resourceContention, whyNot: pressure.doubt)])
    }
}

extension WatchdogRule {
    /// Whether the machine left it time to run.
    private struct Pressure {
        /// Shares of time in which some task waited; nil where they were not measured.
        var shares: [(name: String, share: Double?, low: Double)]

        init(_ disruption: DisruptionCase, from start: BootTime, to end: BootTime) {
            shares = [
                ("CPU time", disruption.resources.stalled(\.cpu, from: start, to: end), 0.25),
                ("memory", disruption.resources.stalled(\.memory, from: start, to: end), 0.05),
                ("I/O", disruption.resources.stalled(\.io, from: start, to: end), 0.25),
            ]
        }

        var isLow: Bool { shares.allSatisfy { entry in entry.share.map { $0 < entry.low } ?? false } }

        var doubt: String {
            let high = shares.compactMap { name, share, low in
                share.flatMap { $0 >= low ? "\(Int($0 * 100)) % of that time some task waited for \(name)" : nil }
            }
            guard !high.isEmpty else {
                return "pressure was not measured; that something kept it from running cannot be ruled out"
            }
            return high.joined(separator: ", ") + "; whether that kept it from answering is not known"
        }
    }
}
