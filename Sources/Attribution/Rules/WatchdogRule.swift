import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// The manager's watchdog ended the subject, and nobody had stopped it: it hung by itself. That nothing on the host kept
/// it from running can only be said where pressure is measured.
enum WatchdogRule: Rule {
    static let id = "watchdog.own"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, overdue.kind == .watchdog else { return nil }
        return finding(disruption, overdue, as: id)
    }

    static func finding(_ disruption: DisruptionCase, _ overdue: Overdue, as rule: String) -> Finding? {
        guard let victim = disruption.victim, !disruption.endedBeforeRecording else { return nil }
        let isWindowLongEnough = overdue.interval.map { $0 < DisruptionCase.window } ?? false
        let start = overdue.at - (overdue.interval ?? .seconds(30))
        let pressure = Pressure(disruption, from: start, to: overdue.at)
        let isFree = pressure.isLow || pressure.didNotWait
        let quota = Quota(disruption, from: start, to: overdue.at)
        // Why a start did not get ready may lie in what it waited for.
        let isCertain =
            overdue.kind == .watchdog && isFree && isWindowLongEnough && disruption.seesSignals && overdue.isStated
            && quota == nil
        return Finding(
            rule: rule, mechanism: .watchdog, actor: victim, actedAt: overdue.at, isSelf: true,
            confidence: isCertain
                ? .proven : pressure.mayHaveWaited || quota?.setters.isEmpty == false ? .possible : .likely,
            restsOnSilence: true,
            act: "\(disruption.subject.name) \(overdue.deed), so the manager ended it; "
                + "no process was seen stopping it" + (quota?.remark ?? ""),
            evidence: overdue.evidence + (quota?.evidence ?? []) + [.end(of: disruption)],
            alternatives: isFree
                ? []
                : [Alternative(outcome: .unknown, mechanism: .resourceContention, whyNot: pressure.doubt)],
            suspects: (quota?.setters ?? []) + (pressure.mayHaveWaited ? pressure.suspects : []))
    }
}

extension WatchdogRule {
    /// Whether the machine left it time to run.
    private struct Pressure {
        /// Shares of time in which some task waited; nil where they were not measured.
        var shares: [(name: String, share: Double?, low: Double)]
        /// The same of the subject's own tasks, at least and at most; nil where that was not looked at.
        var own: [CgroupResource: ClosedRange<Double>]
        /// Those that may have had what it waited for.
        var suspects: [ProcessKey]

        init(_ disruption: DisruptionCase, from start: BootTime, to end: BootTime) {
            shares = [
                ("CPU time", disruption.resources.stalled(\.cpu, from: start, to: end), 0.25),
                ("memory", disruption.resources.stalled(\.memory, from: start, to: end), 0.05),
                ("I/O", disruption.resources.stalled(\.io, from: start, to: end), Self.shortOfIO),
            ]
            own = [.cpu, .memory, .io].reduce(into: [:]) { own, resource in
                own[resource] = disruption.ownStall(resource, from: start, to: end)
            }
            suspects = disruption.contentions(from: start, to: end).flatMap(\.mayHaveTaken)
            // Whose I/O it was is not known.
            if mayHaveWaitedForIO { suspects += disruption.agents.all.map(\.root) }
        }

        private static let shortOfIO = 0.25

        private var isShortOfIO: Bool { shares.last?.share.map { $0 >= Self.shortOfIO } ?? false }
        private var mayHaveWaitedForIO: Bool { isShortOfIO && own[.io].map { $0.upperBound >= 0.25 } ?? true }

        var isLow: Bool { shares.allSatisfy { entry in entry.share.map { $0 < entry.low } ?? false } }

        /// Whatever the machine was short of, the subject did not wait for it.
        var didNotWait: Bool {
            guard let cpu = own[.cpu], let memory = own[.memory] else { return false }
            let io = own[.io]?.upperBound ?? shares.last?.share ?? 1
            return cpu.upperBound < 0.1 && memory.upperBound < 0.1 && io < (own[.io] == nil ? Self.shortOfIO : 0.1)
        }

        /// It may have been kept from running for a good part of the time.
        var mayHaveWaited: Bool {
            let isShort = shares.contains { entry in entry.share.map { $0 >= entry.low } ?? false }
            return isShort && !didNotWait
                && (own.isEmpty || own.values.contains { $0.upperBound >= 0.25 } || mayHaveWaitedForIO)
        }

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
