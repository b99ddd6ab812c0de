import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

/// Whose tree an actor belongs to.
struct TreeOwner {
    var outcome: Outcome
    var agent: AgentDescription?
    /// From the tree's root to the actor.
    var chain: [TrackedProcess]
    /// A link of the chain was read from `/proc` afterwards, or is missing.
    var isBackFilled: Bool
    /// How it is known, for the summary: "in the tree of claude-code (pid 12)".
    var phrase: String
}

extension DisruptionCase {
    /// Programs that open a person's session. What they start is that person's.
    private static let sessionOpeners: Set<String> = [
        "sshd", "sshd-session", "login", "su", "gdm-session-wor", "lightdm",
    ]
    /// Programs that start the machine's own housekeeping.
    private static let housekeepers: Set<String> = [
        "cron", "crond", "anacron", "atd", "unattended-upgr", "needrestart",
    ]

    func owner(of actor: ProcessKey) -> TreeOwner {
        let lineage = table.lineage(of: actor)
        if let own = subjectTree(lineage) { return own }
        if let agent = agentTree(lineage) { return agent }
        if let session = sessionTree(lineage) { return session }
        if let system = systemTree(lineage) { return system }
        return TreeOwner(
            outcome: .unknown, agent: nil, chain: lineage.reversed(), isBackFilled: false,
            phrase: "no agent is above it, and whether a person or the machine itself started it is not known")
    }

    /// The subject's own main process or something that it forked, unless an agent was started in between.
    private func subjectTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        guard let victim, let depth = lineage.firstIndex(where: { $0.key == victim }) else { return nil }
        guard lineage[...depth].allSatisfy({ $0.tag == lineage[depth].tag }) else { return nil }
        let chain = Array(lineage[...depth].reversed())
        return TreeOwner(
            outcome: .self, agent: nil, chain: chain, isBackFilled: hasBackFilledLink(chain),
            phrase: "it is the subject's own")
    }

    private func agentTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        guard let actor = lineage.first, let membership = agents[actor.tag] else { return nil }
        guard let depth = lineage.firstIndex(where: { $0.key == membership.root }) else {
            // The root is forgotten or was never linked; the tag that was inherited at fork still holds.
            return TreeOwner(
                outcome: .agent, agent: AgentDescription(membership),
                chain: lineage.filter { $0.tag == actor.tag }.reversed(),
                isBackFilled: true, phrase: "in the tree of \(membership.agent), whose root is no longer known")
        }
        let chain = Array(lineage[...depth].reversed())
        return TreeOwner(
            outcome: .agent, agent: AgentDescription(membership), chain: chain, isBackFilled: hasBackFilledLink(chain),
            phrase: "in the tree of \(membership.agent) (pid \(membership.root.pid))")
    }

    private func sessionTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        let inSession = lineage.prefix { process in
            cgroups.unit(of: process.cgroup).map { $0.hasPrefix("session-") && $0.hasSuffix(".scope") } ?? false
        }
        let belowOpener = lineage.prefix { !Self.sessionOpeners.contains($0.comm) }
        let below = belowOpener.count < lineage.count ? belowOpener : inSession
        guard let root = below.last else { return nil }
        let chain = Array(below.reversed())
        return TreeOwner(
            outcome: .operator, agent: nil, chain: chain, isBackFilled: hasBackFilledLink(chain),
            phrase: "in the login session of uid \(root.uid.map(String.init) ?? "?"), with no agent above it")
    }

    private func systemTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        let end = lineage.firstIndex { Self.housekeepers.contains($0.comm) }
        if let end {
            let chain = Array(lineage[...end].reversed())
            return TreeOwner(
                outcome: .system, agent: nil, chain: chain, isBackFilled: hasBackFilledLink(chain),
                phrase: "started by \(lineage[end].comm)")
        }
        guard let unit = lineage.first.flatMap({ cgroups.unit(of: $0.cgroup) }), unit.hasSuffix(".service"),
            !unit.hasPrefix("user@")
        else { return nil }
        let chain = Array(lineage.prefix { cgroups.unit(of: $0.cgroup) == unit }.reversed())
        return TreeOwner(
            outcome: .system, agent: nil, chain: chain, isBackFilled: hasBackFilledLink(chain),
            phrase: "part of \(unit)")
    }

    /// The root's own edge upwards is no link of the chain.
    private func hasBackFilledLink(_ chain: [TrackedProcess]) -> Bool {
        chain.dropFirst().contains { $0.edgeSource != .bpf }
    }
}
