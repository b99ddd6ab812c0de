import EventModel
import IncidentDetection
import ProcessTracking

/// The subject ended by a signal that the kernel made for its own fault, or that it sent to itself (abort).
enum CrashRule: Rule {
    static let id = "crash.own-fault"

    /// Signals that report a fault of the running code, or what a process does to itself.
    private static let faults: Set<Signal> = [
        .illegal, .trap, .abort, .bus, .floatingPoint, .segmentation, .pipe, Signal(rawValue: 31), Signal(rawValue: 14),
        Signal(rawValue: 24), Signal(rawValue: 25), Signal(rawValue: 26), Signal(rawValue: 27),
    ]

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let status = disruption.disruption.status, let fatal = status.signal else { return nil }
        let sent = disruption.signalsToVictim.filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        guard let cause = sent.first(where: { isOwn($0.event, $0.signal, fatal, disruption) }) else { return nil }
        guard sent.first?.event == cause.event || sent.allSatisfy({ isOwn($0.event, $0.signal, fatal, disruption) })
        else {
            return nil
        }
        let how =
            cause.signal.origin == .kernel
            ? "the kernel raised \(fatal.name) (\(cause.signal.code.name)) for what it did"
            : "it sent \(fatal.name) to itself"
        return Finding(
            rule: id, mechanism: .crash, actor: disruption.victim, isSelf: true, confidence: .proven,
            act: "\(disruption.subject.name) crashed: \(how)",
            evidence: [.signal(cause.event, cause.signal, disruption), .end(of: disruption)])
    }

    private static func isOwn(_ event: Event, _ signal: SignalSent, _ fatal: Signal, _ disruption: DisruptionCase)
        -> Bool
    {
        if event.process == disruption.victim, signal.origin == .process || signal.origin == .onBehalf { return true }
        return signal.origin == .kernel && faults.contains(fatal)
    }
}
