import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// ExecReload=, ExecStop= and the like: the unit's own manager runs them, and somebody had asked it to.
extension DisruptionCase {
    func ranByManager(_ cause: SignalEvent, _ sender: ProcessKey) -> Instigator? {
        guard let unit, isControlProcess(sender, of: unit) else { return nil }
        let asked = calls.all.last { call in
            call.names(unit) && call.request.verb.makesJob && !call.jobs.isEmpty
                && min(call.at, call.answeredAt ?? call.at) <= cause.event.time
                && call.at.distance(to: cause.event.time) <= Self.handedOn
        }
        let rules = ["signal.control-process"]
        guard let asked, let caller = asked.caller else {
            return Instigator(
                actor: nil, confidence: .none, rules: rules,
                remark: "the manager had run it for the unit (ExecReload=, ExecStop= or the like), and who asked for "
                    + "that was not recorded")
        }
        return Instigator(
            actor: caller, actedAt: asked.at, confidence: .likely, mechanism: .managerRequest,
            evidence: [.call(asked, self)], rules: rules,
            act: "\(asked.deed), and \(name(sender, at: cause.event.time)), which the manager ran for that, sent "
                + "\(cause.signal.signal.name) to \(subject.name)")
    }

    /// The manager started it in the unit, beside the main process: neither of the two has made the other.
    private func isControlProcess(_ process: ProcessKey, of unit: UnitID) -> Bool {
        let own = table.forkLineage(of: process).prefix {
            units.unit(of: $0, cgroups: cgroups) == unit && !isVictim($0.key)
        }
        guard let top = own.last, let creator = top.creator, managers.scope(of: creator) == unit.manager,
            let victim
        else { return false }
        return !table.forkLineage(of: victim).contains { $0.key == top.key }
    }
}
