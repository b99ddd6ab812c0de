import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// A session that was over when one of its processes acted: the agent's own process had ended, and this is what it left.
struct AbandonedSession {
    var membership: AgentRegistry.Membership
    var session: String?
    var endedAt: BootTime
    /// Its other processes that were alive when the disruption had settled, the earliest first.
    var left: [TrackedProcess]
    /// What it held still, the actor's included, the earliest first.
    var addresses: [PortTable.Holding]
    /// Memory of all that it left, by the latest sample before the disruption; nil where none was taken.
    var heldKiB: UInt64?

    static let rule = "tree.session-over"
    /// Most of them that are named.
    private static let mostNamed = 8
    /// So old the latest sample may be.
    private static let sampled = Interval.seconds(30)

    /// Nil where the agent still worked then, or went on as another process of its program.
    init?(_ disruption: DisruptionCase, actor: ProcessKey?, at time: BootTime?) {
        guard let actor, let tag = disruption.table.tag(of: actor), let membership = disruption.agents[tag],
            let exit = disruption.table[membership.root]?.exit, exit.at <= time ?? disruption.disruption.at
        else { return nil }
        var agents = disruption.agents
        var left: [TrackedProcess] = []
        for member in disruption.table.livingMembers where member.tag == tag {
            guard let process = disruption.table[member.key] else { continue }
            if let image = process.image?.value, agents.isProgram(image, of: membership.agent) { return nil }
            if member.key != actor { left.append(process) }
        }
        self.membership = membership
        session = disruption.agents.session(of: actor, at: time ?? disruption.disruption.at, in: disruption.table)
        endedAt = exit.at
        self.left = left
        addresses = disruption.addresses(ofTree: tag)
        let moment = disruption.resources.moment(before: disruption.disruption.at, within: Self.sampled)
        heldKiB = moment?[.agent(tag)]?.heldKiB
    }

    private var name: String { session.map { "session \($0)" } ?? "session" }

    /// For the summary.
    func sentence(before time: BootTime) -> String {
        let seconds = endedAt.distance(to: time).nanoseconds / 1_000_000_000
        let ago = seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
        let others =
            switch left.count {
            case 0: "nothing else of it was left running"
            case 1: "1 more process of it was left running"
            default: "\(left.count) more processes of it were left running"
            }
        return "Its \(name) had ended \(ago) before; \(others)." + (holdings.map { " What it left \($0)." } ?? "")
    }

    /// `held 43 MiB of memory and listened on 0.0.0.0:3000/tcp`
    private var holdings: String? {
        let memory = heldKiB.map { "held \($0 / 1024) MiB of memory" }
        let named = addresses.prefix(Self.mostNamed).map(\.endpoint.text)
        let further = addresses.count - named.count
        let ports =
            named.isEmpty
            ? nil : "held " + named.joined(separator: ", ") + (further > 0 ? " and \(further) more addresses" : "")
        let parts = [memory, ports].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// For the timeline.
    func observations(_ disruption: DisruptionCase) -> [Finding.Observation] {
        let root = disruption.name(membership.root, at: endedAt)
        let end = Finding.Observation(
            at: endedAt, source: disruption.endSource, kind: "session-end",
            text: "the \(name) of \(membership.agent) was over: \(root), the agent's own process, had ended",
            process: membership.root,
            data: [
                "left_running": .integer(Int64(left.count)), "session_id": .text(session ?? ""),
                "addresses": .text(addresses.prefix(Self.mostNamed).map(\.endpoint.text).joined(separator: " ")),
            ])
        return [end]
            + left.prefix(Self.mostNamed).map { process in
                Finding.Observation(
                    at: process.key.start, source: process.seenBy, kind: "leftover",
                    text: "\(disruption.name(process.key)), left running by that session\(held(by: process.key))",
                    process: process.key)
            }
    }

    private func held(by process: ProcessKey) -> String {
        let own = addresses.filter { $0.holder == process }.prefix(Self.mostNamed).map(\.endpoint.text)
        return own.isEmpty ? "" : ", held \(own.joined(separator: ", "))"
    }
}

extension DisruptionCase {
    /// The addresses that an agent's tree held at the time of the disruption. What only was bound goes with its process; a
    /// listener may be inherited.
    fileprivate func addresses(ofTree tag: Int32) -> [PortTable.Holding] {
        ports.holdings(at: disruption.at).filter { holding in
            guard let holder = table[holding.holder], holder.tag == tag else { return false }
            return holding.isListening || holder.exit.map { $0.at > disruption.at } ?? true
        }
    }
}
