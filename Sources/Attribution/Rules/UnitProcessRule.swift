import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A process ended another process of the unit, and the main process gave up because of that: it ended by itself at
/// once. That the one followed from the other is inferred.
enum UnitProcessRule: Rule {
    static let id = "signal.unit-process"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let facts = disruption.disruption.systemd else { return nil }
        let killed = workers(facts, disruption).compactMap { worker -> SignalEvent? in
            guard let fatal = worker.status.signal, disruption.mainGaveUp(after: fatal, at: worker.at) else {
                return nil
            }
            return disruption.signals(to: worker.process, until: worker.at).first {
                $0.signal.signal == fatal && $0.signal.tookEffect && $0.signal.origin.hasSender
                    && disruption.managers.scope(of: $0.sender) == nil && !isOwn($0, worker.process, disruption)
            }
        }
        guard let first = killed.first else { return nil }
        let isAlone = disruption.parties(killed).count == 1 && disruption.requestsToEnd.isEmpty
        let instigator = disruption.instigator(of: first)
        return Finding(
            rule: id, furtherRules: instigator.rules, mechanism: instigator.mechanism, actor: instigator.actor,
            actedAt: instigator.actedAt ?? first.event.time,
            confidence: min(isAlone ? .likely : .possible, instigator.confidence),
            act: instigator.act ?? act(first, instigator, disruption),
            evidence: instigator.evidence + [.signal(first.event, first.signal, disruption), .end(of: disruption)],
            alternatives: [
                Alternative(
                    outcome: .self, mechanism: .exit,
                    whyNot: "its main process ended by itself, but only after another process of it had been ended")
            ],
            suspects: (isAlone ? [] : (killed + disruption.requestsToEnd).compactMap(\.sender))
                + instigator.rivals.compactMap(\.sender))
    }

    private static func act(_ sent: SignalEvent, _ instigator: Instigator, _ disruption: DisruptionCase) -> String {
        let signal = sent.signal.signal.name
        let whom =
            "\(disruption.name(sent.signal.target)), a process of \(disruption.subject.name), whose main process then "
            + "ended by itself"
        let sender = sent.signal.origin == .outside ? "a process" : disruption.name(sent.sender, at: sent.event.time)
        let remark = instigator.remark.isEmpty ? "" : "; \(instigator.remark)"
        guard let actor = instigator.actor else { return "\(sender) sent \(signal) to \(whom)\(remark)" }
        guard actor != sent.sender else { return "sent \(signal) to \(whom)" }
        return "ended or asked to end \(sender), and so \(signal) came to \(whom)\(remark)"
    }

    /// Other processes of the unit that a signal had ended.
    private static func workers(_ facts: UnitFacts, _ disruption: DisruptionCase) -> [UnitFacts.Worker] {
        guard facts.workers.isEmpty else { return facts.workers }
        let all = disruption.units.processes(of: facts.unit, in: disruption.table, cgroups: disruption.cgroups)
        return all.compactMap { process in
            guard let exit = process.exit, let status = exit.status, status.signal != nil,
                !disruption.isVictim(process.key), exit.at <= disruption.disruption.at,
                exit.at.distance(to: disruption.disruption.at) <= DisruptionCase.notices
            else { return nil }
            return UnitFacts.Worker(process: process.key, at: exit.at, status: status)
        }
    }

    /// By the subject itself, its main process or another one that it made.
    private static func isOwn(_ sent: SignalEvent, _ worker: ProcessKey, _ disruption: DisruptionCase) -> Bool {
        guard let sender = sent.sender else { return false }
        return sender == worker || disruption.owner(of: sender).outcome == .self
    }
}
