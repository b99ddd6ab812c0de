import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// Whose tree an actor belongs to.
struct TreeOwner {
    var outcome: Outcome
    var agent: AgentDescription?
    /// The root of that agent's own tree; nil where there is no agent.
    var agentRoot: ProcessKey?
    /// From the tree's root to the actor; the root of nested agents is that of the outermost, which owns them all.
    var chain: [TrackedProcess]
    /// A link of the chain was read from `/proc` afterwards, or is missing.
    var isBackFilled: Bool
    /// How it is known, for the summary: "in the tree of claude-code (pid 12)".
    var phrase: String
    /// A timer, cron or an upgrade started it, and nobody behind that is known.
    var isScheduled = false
    /// Those who had a hand in it beside the owner: their agents are not exonerated.
    var behind: [ProcessKey] = []
}

extension DisruptionCase {
    /// Programs that open a person's session. What they start is that person's.
    static let sessionOpeners: Set<String> = ["sshd", "sshd-session", "login", "gdm-session-wor", "lightdm"]
    /// Those of them that serve a connection, and programs that make one.
    private static let remoteOpeners: Set<String> = ["sshd", "sshd-session"]
    private static let remoteClients: Set<String> = [
        "ssh", "sftp", "scp", "mosh", "mosh-client", "dbclient", "sshpass",
    ]
    /// Programs that start the machine's own housekeeping.
    private static let schedulers: Set<String> = ["cron", "crond", "anacron"]
    private static let housekeepers: Set<String> = ["unattended-upgr", "needrestart", "apt.systemd.dai", "logrotate"]
    /// What installs packages: housekeeping where the way up is known to its end and no person stands there.
    private static let installers: Set<String> = ["apt", "apt-get", "aptitude", "dpkg", "dnf", "yum", "rpm", "zypper"]

    /// Daemons that start work, and end it, because somebody asked: jobs of `at`, containers.
    private static let brokers: Set<String> = [
        "atd", "dockerd", "containerd", "containerd-shim", "docker-containe", "buildkitd", "crio", "lxd", "incusd",
    ]
    /// They keep services running, as a service manager does, and end them when somebody asks, which is not seen.
    private static let supervisors: Set<String> = ["supervisord", "runsv", "s6-supervise"]

    func owner(of actor: ProcessKey) -> TreeOwner { owner(of: actor, depth: 0) }

    /// `depth` counts the requests through managers that were followed.
    func owner(of actor: ProcessKey, depth: Int) -> TreeOwner {
        let lineage = table.lineage(of: actor)
        return subjectTree(lineage) ?? sharedTerminalTree(actor) ?? agentTree(lineage)
            ?? askedTree(lineage, depth: depth) ?? startedTree(lineage)
            ?? sessionTree(lineage) ?? requestedTree(lineage, depth: depth) ?? housekeepingTree(lineage)
            ?? restartedTree(lineage, depth: depth) ?? serviceTree(lineage) ?? unknownTree(lineage)
    }

    /// The subject's own main process or something that it forked, unless an agent was started in between.
    private func subjectTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        guard let depth = lineage.firstIndex(where: { isVictim($0.key) }) else { return nil }
        guard lineage[...depth].allSatisfy({ $0.tag == lineage[depth].tag }) else { return nil }
        return owner(.`self`, Array(lineage[...depth].reversed()), "it is the subject's own")
    }

    private func agentTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        guard let actor = lineage.first, let membership = agents[actor.tag] else { return nil }
        let session = agents.session(of: actor.key, at: disruption.at, in: table)
        let roots = Set(agents.chain(from: actor.tag).map(\.root))
        guard lineage.contains(where: { $0.key == membership.root }),
            let depth = lineage.lastIndex(where: { roots.contains($0.key) })
        else {
            // The root is forgotten or was never linked; the tag that was inherited at fork still holds.
            return TreeOwner(
                outcome: .agent, agent: AgentDescription(membership, sessionID: session), agentRoot: membership.root,
                chain: lineage.filter { $0.tag == actor.tag }.reversed(), isBackFilled: true,
                phrase: "in the tree of \(membership.agent), whose root is no longer known")
        }
        var owner = owner(
            .agent, Array(lineage[...depth].reversed()),
            "in the tree of \(membership.agent) (pid \(membership.root.pid))")
        owner.agent = AgentDescription(membership, sessionID: session)
        owner.agentRoot = membership.root
        return owner
    }

    /// What opened a person's session, started a scheduled job, or did something for whoever asked, whichever is nearer.
    func startedTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        let starters = Self.sessionOpeners.union(Self.schedulers).union(Self.brokers)
        if let actor = lineage.first, Self.supervisors.contains(actor.comm) { return brokered([actor]) }
        guard let end = lineage.firstIndex(where: { starters.contains($0.comm) }) else { return nil }
        if Self.brokers.contains(lineage[end].comm) { return brokered(lineage[...end]) }
        if Self.schedulers.contains(lineage[end].comm) {
            return scheduled(Array(lineage[...end].reversed()), "started by \(lineage[end].comm)")
        }
        guard end > 0 else { return nil }
        let chain = Array(lineage[..<end].reversed())
        if Self.remoteOpeners.contains(lineage[end].comm), let doubtful = doubtfulLogin(chain) { return doubtful }
        return owner(.operator, chain, sessionPhrase(lineage[end - 1]))
    }

    /// `lineage` ends with the daemon.
    private func brokered(_ lineage: ArraySlice<TrackedProcess>) -> TreeOwner {
        TreeOwner(
            outcome: .unknown, chain: lineage.reversed(), isBackFilled: false,
            phrase: "\(lineage.last?.comm ?? "it") acts for whoever asks it, and who asked for this is not known")
    }

    /// A process of a login session, as far up as that reaches. Where nothing above it is known, an agent may have been.
    func sessionTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        let inSession = lineage.prefix { process in
            cgroups.unit(of: process.cgroup).map { $0.hasPrefix("session-") && $0.hasSuffix(".scope") } ?? false
        }
        guard isRooted(lineage), let root = inSession.last else { return nil }
        if let doubtful = doubtfulLogin(inSession.reversed()) ?? doubtfulOrphan(inSession.reversed()) {
            return doubtful
        }
        var owner = owner(.operator, Array(inSession.reversed()), sessionPhrase(root))
        // An orphan of a session is found below whoever took it in: who made it, and for whom, is not known.
        if root.edgeSource != .bpf { owner.isBackFilled = true }
        return owner
    }

    /// Nothing links the two ends of a connection: a session that was opened while an agent's `ssh` ran may be the agent's.
    private func doubtfulLogin(_ chain: [TrackedProcess]) -> TreeOwner? {
        guard let opened = chain.first?.key.start, !agents.all.isEmpty else { return nil }
        let client = table.all.first { process in
            process.tag != 0 && Self.remoteClients.contains(process.comm(at: opened)) && process.key.start <= opened
                && process.exit.map { $0.at >= opened } ?? true
        }
        guard let client, let agent = agents[client.tag] else { return nil }
        return TreeOwner(
            outcome: .unknown, chain: chain, isBackFilled: false,
            phrase:
                "it is in a login session that was opened while \(client.comm(at: opened)) (pid \(client.key.pid)) of "
                + "\(agent.agent) ran, so whether a person or that agent logged in is not known")
    }

    /// One that was there before the collector, in a session where an agent was at work when it started: it may be what that
    /// agent left, and its environment, where a marker would be, is the program's own to write over.
    private func doubtfulOrphan(_ chain: [TrackedProcess]) -> TreeOwner? {
        guard let orphan = chain.first, orphan.edgeSource != .bpf else { return nil }
        let present = agents.all.filter { membership in
            guard let root = table[membership.root] else { return false }
            return root.cgroup == orphan.cgroup && root.key.start <= orphan.key.start
                && root.exit.map { $0.at >= orphan.key.start } ?? true
        }
        guard let agent = present.first else { return nil }
        return TreeOwner(
            outcome: .unknown, chain: chain, isBackFilled: true,
            phrase:
                "it was there before this was recorded, in a login session in which \(agent.agent) (pid "
                + "\(agent.root.pid)) ran when it started, so whether a person or that agent started it is not known",
            behind: present.map(\.root))
    }

    private func sessionPhrase(_ root: TrackedProcess) -> String {
        "in the login session of uid \(root.uid.map(String.init) ?? "?"), with no agent above it"
    }

    func housekeepingTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        let programs = ownService(lineage) == nil ? Self.housekeepers : Self.housekeepers.union(Self.installers)
        guard let end = lineage.lastIndex(where: { programs.contains($0.comm) }) else { return nil }
        return scheduled(Array(lineage[...end].reversed()), "started by \(lineage[end].comm)")
    }

    /// A service's own process; one that a timer triggers is scheduled.
    func serviceTree(_ lineage: [TrackedProcess]) -> TreeOwner? {
        guard let unit = ownService(lineage) else { return nil }
        let chain = Array(lineage.prefix { cgroups.unit(of: $0.cgroup) == unit.name }.reversed())
        let timer = units[unit]?.state?.relations.first { $0.kind == .triggeredBy && $0.other.hasSuffix(".timer") }
        guard let timer else { return owner(.system, chain, "part of \(unit.name)") }
        return scheduled(chain, "part of \(unit.name), which \(timer.other) starts")
    }

    /// Not where somebody's request may be behind it: `run-*` is what systemd-run makes, `atd` and Podman's
    /// service run what they were given, and `app-*` are the windows that a person opens.
    private func ownService(_ lineage: [TrackedProcess]) -> UnitID? {
        guard isRooted(lineage), let unit = lineage.first.flatMap({ cgroups.unitID(of: $0.cgroup) }),
            unit.name.hasSuffix(".service"), !mayBeTransient(unit),
            !["user@", "run-", "app-", "atd.", "podman."].contains(where: { unit.name.hasPrefix($0) })
        else { return nil }
        return unit
    }

    /// Somebody made it at run time, under whatever name (systemd-run --unit=): its file lies where managers put those.
    /// One of which the manager shows no file, any more, may have been such a unit, unless the request would have been seen.
    private func mayBeTransient(_ unit: UnitID) -> Bool {
        let files = units[unit]?.state?.files ?? []
        return files.isEmpty
            ? isActive("systemd") && !seesManagerCalls : files.contains { $0.contains("/systemd/transient/") }
    }

    private func scheduled(_ chain: [TrackedProcess], _ phrase: String) -> TreeOwner {
        var owner = owner(.system, chain, phrase)
        owner.isScheduled = true
        return owner
    }

    func unknownTree(_ lineage: [TrackedProcess]) -> TreeOwner {
        TreeOwner(
            outcome: .unknown, chain: lineage.reversed(), isBackFilled: false,
            phrase: isRooted(lineage)
                ? "no agent is above it, and whether a person or the machine itself started it is not known"
                : "where it comes from is not known")
    }

    /// Whether the way up is known to its end: only then can it be said that no agent is above.
    private func isRooted(_ lineage: [TrackedProcess]) -> Bool { lineage.last?.key.pid == 1 }

    /// Whether the process hangs below the one above it by something that was not observed.
    func isDoubtfulLink(_ process: TrackedProcess) -> Bool {
        table.request(of: process.key).map { $0.certainty != .named } ?? (process.edgeSource != .bpf)
    }

    /// The root's own edge upwards is no link of the chain.
    func owner(_ outcome: Outcome, _ chain: [TrackedProcess], _ phrase: String) -> TreeOwner {
        TreeOwner(
            outcome: outcome, chain: chain, isBackFilled: chain.dropFirst().contains(where: isDoubtfulLink),
            phrase: phrase)
    }
}
