import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// A service of the machine's own ended the subject with a signal while the machine had next to no memory left. It may be a
/// script that looks after that, which nothing shows: then it only chose, and agents that held a good part are not cleared.
enum ShortOfMemory {
    /// A sample of what trees hold is of that moment, if no more than so long before it.
    private static let recently = Interval.seconds(15)
    /// Less than such a part of what was used does not count.
    private static let leastPart: UInt64 = 5

    static func note(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard finding.mechanism == .signal, !finding.isSelf, let actor = finding.actor, let at = finding.actedAt,
            disruption.resources.wasMachineShort(at: at), disruption.owner(of: actor).outcome == .system,
            let used = disruption.resources.used(at: at), used > 0,
            let moment = disruption.resources.moment(before: at, within: recently)
        else { return }
        let holders = holders(in: moment, disruption).filter { $0.kib >= used / leastPart }
        guard !holders.isEmpty else { return }
        finding.suspects += holders.map(\.largest)
        let held = holders.map { "\($0.name) held \(Mebibytes($0.kib))" }.joined(separator: ", ")
        let note =
            "The machine's memory was nearly used up then (\(Mebibytes(used)) in use): \(held). Whether "
            + "\(disruption.name(actor, at: at)) ends processes because of that is not known."
        finding.add(note: note)
    }

    private struct Holder {
        var root: ProcessKey
        var name: String
        var kib: UInt64
        var largest: ProcessKey
    }

    /// Agents by their outermost root, in the order of their largest tree.
    private static func holders(in moment: ResourceHistory.TreeMoment, _ disruption: DisruptionCase) -> [Holder] {
        var holders: [Holder] = []
        for usage in moment.trees {
            guard case .agent(let tag) = usage.tree, let outermost = disruption.agents.chain(from: tag).last else {
                continue
            }
            if let index = holders.firstIndex(where: { $0.root == outermost.root }) {
                holders[index].kib += usage.heldKiB
            } else {
                holders.append(
                    Holder(
                        root: outermost.root, name: "\(outermost.agent) (pid \(outermost.root.pid))",
                        kib: usage.heldKiB, largest: usage.largest))
            }
        }
        return holders
    }
}
