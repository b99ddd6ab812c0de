import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A process ended another process of the unit, and the main process gave up because of that: it exited by itself at
/// once. That the one followed from the other is inferred.
enum UnitProcessRule: Rule {
    static let id = "signal.unit-process"
    /// So soon a main process notices that its worker is gone.
    private static let notices = Interval.seconds(2)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let facts = disruption.disruption.systemd, disruption.disruption.status?.signal == nil else { return nil }
        let killed = workers(facts, disruption).compactMap { worker -> SignalEvent? in
            guard worker.at <= disruption.disruption.at,
                worker.at.distance(to: disruption.disruption.at) <= notices, let fatal = worker.status.signal
            else { return nil }
            return disruption.signals(to: worker.process, until: worker.at).first {
                $0.signal.signal == fatal && $0.signal.tookEffect && $0.signal.origin.hasSender
                    && disruption.managers.scope(of: $0.sender) == nil && !isOwn($0, worker.process, disruption)
            }
        }
        guard let first = killed.first else { return nil }
        let isAlone = disruption.parties(killed).count == 1 && disruption.requestsToEnd.isEmpty
        // Its main process lives: then nothing is inferred.
        let isDirect = disruption.disruption.kind == .degraded
        return Finding(
            rule: id, mechanism: .signal, actor: first.signal.origin == .outside ? nil : first.sender,
            actedAt: first.event.time, confidence: !isAlone ? .possible : isDirect ? .proven : .likely,
            act: "sent \(first.signal.signal.name) to \(disruption.name(first.signal.target)), a process of "
                + disruption.subject.name + (isDirect ? "" : ", whose main process then exited"),
            evidence: [.signal(first.event, first.signal, disruption), .end(of: disruption)],
            alternatives: isDirect
                ? []
                : [
                    Alternative(
                        outcome: .self, mechanism: .exit,
                        whyNot: "its main process exited by itself, but only after another process of it had been ended"
                    )
                ], suspects: isAlone ? [] : (killed + disruption.requestsToEnd).compactMap(\.sender))
    }

    /// Other processes of the unit that a signal had ended.
    private static func workers(_ facts: UnitFacts, _ disruption: DisruptionCase) -> [UnitFacts.Worker] {
        guard facts.workers.isEmpty else { return facts.workers }
        let all = disruption.units.processes(of: facts.unit, in: disruption.table, cgroups: disruption.cgroups)
        return all.compactMap { process in
            guard let exit = process.exit, let status = exit.status, status.signal != nil,
                !disruption.isVictim(process.key), exit.at <= disruption.disruption.at,
                exit.at.distance(to: disruption.disruption.at) <= notices
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
