import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

// What an agent's tree asked managers for, and why that was not it.
extension Exonerations {
    /// Nil where the subject is no manager's: then there is nothing to be asked for.
    static func aboutCalls(_ membership: AgentRegistry.Membership, _ disruption: DisruptionCase) -> String? {
        guard let unit = disruption.unit else { return nil }
        let own = disruption.calls.all.filter { isOf(membership, $0.caller, disruption) }
        if let about = own.last(where: { $0.names(unit) }) { return aboutSubject(about, disruption) }
        guard let other = own.last(where: { $0.request.verb.endsUnit || $0.request.verb.startsUnit }) else {
            return nil
        }
        return "its tree \(other.deed), which does not reach \(unit.name)"
    }

    private static func aboutSubject(_ call: ManagerCalls.Call, _ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        if case .refused(let error) = call.answer { return "its tree \(call.deed), and was refused (\(error))" }
        if call.at > disruption.disruption.at { return "its tree \(call.deed), but only after \(name) had ended" }
        return "its tree \(call.deed), which was not what ended \(name)"
    }

    /// By a process of that tree, of its own accord: what the subject does to itself is not its agent's doing.
    static func isOf(
        _ membership: AgentRegistry.Membership, _ process: ProcessKey?, _ disruption: DisruptionCase
    ) -> Bool {
        guard let process, let tag = disruption.table[process]?.tag, tag != 0,
            disruption.agents.chain(from: tag).contains(where: { $0.tag == membership.tag })
        else { return false }
        return disruption.owner(of: process).outcome == .agent
    }
}
