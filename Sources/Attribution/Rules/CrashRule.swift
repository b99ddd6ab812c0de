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
        guard let victim = disruption.victim, let fatal = disruption.disruption.status?.signal else { return nil }
        let sent = disruption.signalsToVictim.filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        guard let cause = sent.first(where: { $0.signal.disposition != .handler }) ?? sent.first,
            isFault(cause, of: victim)
        else { return nil }
        // Ending as what it ran did is no crash of its own.
        if cause.signal.origin != .kernel, UnitProcessRule.examine(disruption) != nil { return nil }
        let how =
            cause.signal.origin == .kernel
            ? "the kernel raised \(fatal.name) (\(cause.signal.code.name)) for what it did"
            : "it sent \(fatal.name) to itself"
        let asked = disruption.requestsToEnd.filter(\.signal.asksForNothingElse)
        let recent = asked.filter { $0.isWithin(DisruptionCase.handedOn, before: disruption.disruption.at) }
        var finding = Finding(
            rule: id, mechanism: .crash, actor: victim, isSelf: true,
            confidence: !recent.isEmpty ? .possible : asked.isEmpty ? .proven : .likely,
            act: "\(disruption.subject.name) crashed: \(how)",
            evidence: [.signal(cause.event, cause.signal, disruption), .end(of: disruption)],
            alternatives: asked.prefix(8).map { .request($0, disruption) }, suspects: recent.compactMap(\.sender))
        UnexplainedRefusal(disruption)?.weaken(&finding, disruption)
        return finding
    }

    /// Whether the process brought the signal upon itself.
    static func isFault(_ sent: SignalEvent, of process: ProcessKey) -> Bool {
        let isOwn = sent.sender == process || sent.sender?.matches(tick: process) == true
        if isOwn, sent.signal.origin == .process || sent.signal.origin == .onBehalf { return true }
        return sent.signal.origin == .kernel && faults.contains(sent.signal.signal)
    }
}

extension Alternative {
    /// It had been asked to end, and yet that is not what is concluded.
    static func request(_ asked: SignalEvent, _ disruption: DisruptionCase) -> Alternative {
        let delay = Double(asked.event.time.distance(to: disruption.disruption.at).nanoseconds / 1_000_000) / 1000
        return Alternative(
            outcome: asked.sender.map { disruption.owner(of: $0).outcome } ?? .unknown, mechanism: .signal,
            whyNot:
                "\(disruption.name(asked.sender)) sent \(asked.signal.signal.name), which it handles, \(delay) s before; "
                + "that may be why it ended, but its end does not show it")
    }
}
