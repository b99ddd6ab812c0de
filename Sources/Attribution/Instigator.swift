import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

/// Whose act a signal was in the end: the one that sends it may only pass on what was done to itself.
struct Instigator {
    /// Nil where it cannot be said.
    var actor: ProcessKey?
    /// When it acted, where that is not when the signal to the victim was sent.
    var actedAt: BootTime?
    /// The most that a verdict about this actor can claim.
    var confidence = Confidence.proven
    var mechanism = Mechanism.signal
    /// What led from the signal to the actor.
    var evidence: [Finding.Observation] = []
    var rules: [String] = []
    /// Why nobody, or somebody else than the sender, is named.
    var remark = ""
    /// What the actor did, where that is neither the signal nor an end of the sender.
    var act: String?
    /// Others who may have been behind it as well.
    var rivals: [SignalEvent] = []
}

extension DisruptionCase {
    func instigator(of cause: SignalEvent) -> Instigator {
        guard let sender = cause.sender, cause.signal.origin != .outside else {
            return Instigator(actor: nil, confidence: .none)
        }
        if sender == host.collector { return Instigator(actor: nil, confidence: .none) }
        if cause.signal.origin == .parentDeath { return instigator(ofDeathOf: sender, at: cause.event.time) }
        if isMemoryKiller(sender) {
            return Instigator(
                actor: nil, confidence: .none, mechanism: .userspaceOOMKill, rules: ["oom.userspace"],
                remark: "it ends processes where memory runs short, and who held the memory was not recorded")
        }
        return ranByManager(cause, sender) ?? relayed(cause, by: sender) ?? Instigator(actor: sender)
    }

    /// `sudo`, an init of a container or a supervisor that is asked to end asks what it has started: the signal is its
    /// own, the will is not. Pid 1 means other things by these signals.
    private func relayed(_ cause: SignalEvent, by sender: ProcessKey) -> Instigator? {
        guard let victim, sender.pid != 1, !isVictim(sender),
            table.forkLineage(of: victim).dropFirst().contains(where: {
                $0.key == sender || $0.key.matches(tick: sender)
            })
        else { return nil }
        let asked = requestsToEnd(sender, until: cause.event.time).filter {
            $0.isWithin(Self.handedOn, before: cause.event.time) && !isVictim($0.sender)
                && ($0.signal.asksForNothingElse || $0.signal.signal == cause.signal.signal)
        }
        guard let first = asked.first else { return nil }
        return Instigator(
            actor: first.signal.origin == .outside ? nil : first.sender, actedAt: first.event.time,
            confidence: parties(asked).count > 1 ? .possible : .likely,
            evidence: [.signal(first.event, first.signal, self)], rules: ["signal.relayed"],
            remark: "\(name(sender)), which started it, passed that on",
            rivals: asked.filter {
                party(of: $0.sender) != party(of: first.sender)
            })
    }

    /// Who ended the parent, where the victim had asked to go with it (PR_SET_PDEATHSIG).
    private func instigator(ofDeathOf parent: ProcessKey, at time: BootTime) -> Instigator {
        let rules = ["signal.parent-death"]
        guard let status = table[parent]?.exit?.status else {
            return Instigator(
                actor: nil, confidence: .none, rules: rules, remark: "how \(name(parent)) ended was not recorded")
        }
        guard let fatal = status.signal else {
            let asked = requestsToEnd(parent, until: time).last { $0.isWithin(Self.prompt, before: time) }
            guard let asked else { return Instigator(actor: parent, rules: rules) }
            return Instigator(
                actor: asked.signal.origin == .outside ? nil : asked.sender, actedAt: asked.event.time,
                confidence: .likely,
                evidence: [.signal(asked.event, asked.signal, self)], rules: rules,
                remark: "\(name(parent)), its parent, had been asked to end")
        }
        let sent = signals(to: parent, until: time).filter { $0.signal.signal == fatal && $0.signal.tookEffect }
        let killed = sent.first { $0.signal.disposition != .handler } ?? sent.first
        guard let killed, killed.signal.origin != .parentDeath, killed.signal.origin != .outside,
            killed.signal.origin.hasSender || CrashRule.isFault(killed, of: parent)
        else {
            return Instigator(
                actor: nil, confidence: .none, rules: rules,
                remark: "who ended \(name(parent)), its parent, was not recorded")
        }
        return Instigator(
            actor: killed.signal.origin.hasSender ? killed.sender : parent, actedAt: killed.event.time,
            evidence: [.signal(killed.event, killed.signal, self)], rules: rules,
            remark: "\(name(parent)), its parent, was ended by \(fatal.name)")
    }
}
