import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import UnitTracking

/// A daemon that ends processes where memory runs short ended the subject. It chose; accused is the tree that held the
/// memory, where one clearly held more than all others.
enum UserspaceOOMRule: Rule {
    static let id = "oom.userspace"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let kill = disruption.userspaceOOMKill, let killer = kill.cause.sender else { return nil }
        let (cause, victim) = (kill.cause, kill.victim)
        let scope = scope(of: killer, cause, victim, disruption)
        let shares = shares(cause, victim, in: scope.cgroup, disruption)
        let hog = hog(shares, scope, cause, victim, disruption)
        let memory = MemoryFinding(
            disruption: disruption, shares: shares, hog: hog.less(sureFor: scope.doubts),
            resource: scope.cgroup.map { "what processes of cgroup \($0) held" } ?? "the machine's memory",
            killer: disruption.name(killer, at: cause.event.time), victim: name(of: kill, disruption),
            mechanism: .userspaceOOMKill)
        var finding = Finding(
            rule: id, furtherRules: hog.tree == nil ? [] : [memory.isSelf ? OOMKillRule.ownRule : OOMKillRule.hogRule],
            mechanism: .userspaceOOMKill, actor: memory.actor, actedAt: cause.event.time, isSelf: memory.isSelf,
            confidence: min(memory.hog.confidence, confidence(kill, disruption)),
            act: memory.act + consequence(kill, disruption),
            evidence: evidence(cause, victim, memory, disruption),
            alternatives: [
                Alternative(
                    outcome: disruption.owner(of: killer).outcome, mechanism: .signal,
                    whyNot:
                        "\(disruption.name(killer)) sent the signal, but it ends processes where memory runs short; "
                        + "who held the memory is what counts")
            ] + memory.alternatives)
        if memory.hog.tree != nil, !memory.hog.remark.isEmpty { finding.note = "Not certain: \(memory.hog.remark)." }
        finding.suspects = memory.suspects
        finding.isOfKernel = true
        finding.remarksOnAgents = memory.remarks
        finding.remarkOnOtherAgents = memory.remarkOnOthers
        finding.oom = OOM(
            scope: scope == .machine(doubt: nil) ? .global : nil,
            victim: disruption.describe(victim, at: cause.event.time), trigger: nil,
            hog: hog.tree.map { disruption.describe(memory.root(of: $0)) }, trees: memory.trees)
        return finding
    }

    private static func evidence(
        _ cause: SignalEvent, _ victim: ProcessKey, _ memory: MemoryFinding, _ disruption: DisruptionCase
    ) -> [Finding.Observation] {
        let held = Finding.Observation.held(by: victim, before: cause.event.time, disruption)
        return [.signal(cause.event, cause.signal, disruption)]
            + [journal(disruption).first?.event, news(disruption)].compactMap { $0 }.map { .journal($0, disruption) }
            + [held, memory.observation, .end(of: disruption)].compactMap { $0 }
    }

    private static func name(of kill: UserspaceOOMKill, _ disruption: DisruptionCase) -> String {
        kill.way == .direct
            ? disruption.subject.name
            : "\(disruption.name(kill.victim, at: kill.cause.event.time)) of \(disruption.subject.name)"
    }

    private static func consequence(_ kill: UserspaceOOMKill, _ disruption: DisruptionCase) -> String {
        switch kill.way {
        case .direct: ""
        case .gaveUp: "; its main process then gave up by itself"
        case .unit, .ended: "; the rest of \(disruption.subject.name) was then ended because of that (OOMPolicy=)"
        }
    }

    /// A signal that was handled, or that another process got, may not be why it ended.
    private static func confidence(_ kill: UserspaceOOMKill, _ disruption: DisruptionCase) -> Confidence {
        guard kill.way == .direct else { return .likely }
        let cause = kill.cause
        guard let status = disruption.disruption.status, status.signal == nil else { return .proven }
        let isPrompt = cause.isWithin(DisruptionCase.prompt, before: disruption.disruption.at)
        return isPrompt && (status.isSuccess || status.code == 128 + cause.signal.signal.rawValue) ? .proven : .likely
    }

    /// What it says itself counts.
    private static func scope(
        of killer: ProcessKey, _ cause: SignalEvent, _ victim: ProcessKey, _ disruption: DisruptionCase
    ) -> KillerScope {
        if let pressed = pressedCgroup(disruption) {
            // It judges by who waits and reclaims there, not by who holds most.
            return .cgroup(pressed, doubt: "it acted on the pressure in that cgroup")
        }
        guard journal(disruption).isEmpty, disruption.actsOnCgroups(killer) else { return .machine(doubt: nil) }
        let at = cause.event.time
        var held = table(at, disruption)?.samples.entries ?? []
        if let gone = GoneVictim(victim, notIn: held, killedAt: at, disruption) {
            held.append(gone.usage(isOfMachine: true))
        }
        return KillerScope(around: victim, held, at: at, disruption)
    }

    private static func hog(
        _ shares: MemoryShares?, _ scope: KillerScope, _ cause: SignalEvent, _ victim: ProcessKey,
        _ disruption: DisruptionCase
    ) -> Hog {
        let (at, history) = (cause.event.time, disruption.resources)
        guard let shares else { return .none("who held the memory was not recorded") }
        let hog = Hog.find(in: shares, killedAt: at, history)
        guard case .either(let path) = scope,
            let inside = Self.shares(cause, victim, in: path, disruption),
            Hog.find(in: inside, killedAt: at, history).tree?.key != hog.tree?.key
        else { return hog }
        return .none(
            "the machine and cgroup \(path) were short of memory, it is not known on which it acted, and not the same "
                + "tree held most of both")
    }

    private static func table(_ at: BootTime, _ disruption: DisruptionCase) -> ResourceHistory.KillTable? {
        disruption.resources.tables.first {
            $0.samples.scope == nil && $0.at >= at && $0.at <= at + DisruptionCase.atTheKill
        }
    }

    private static func shares(
        _ cause: SignalEvent, _ victim: ProcessKey, in cgroup: String?, _ disruption: DisruptionCase
    ) -> MemoryShares? {
        let at = cause.event.time
        guard let table = table(at, disruption) else { return nil }
        var entries = table.samples.entries
        let isOfMachine = cgroup == nil
        let gone = GoneVictim(victim, notIn: entries, killedAt: at, disruption)
        if let gone { entries.append(gone.usage(isOfMachine: isOfMachine)) }
        if let cgroup { entries = entries.filter { disruption.isIn(cgroup, $0.process) } }
        var shares = MemoryShares(
            entries, of: table, usedKiB: isOfMachine ? disruption.resources.used(at: at) : nil,
            isOfMachine: isOfMachine, killedAt: at, disruption)
        if !isOfMachine { gone?.addUnseen(to: &shares, disruption) }
        return shares
    }

    /// What systemd-oomd wrote of that very kill: of the victim's cgroup, or of one above it.
    private static func journal(_ disruption: DisruptionCase) -> [(event: Event, entry: OOMDEntry)] {
        guard let victim = disruption.userspaceOOMKill?.victim else { return [] }
        return disruption.events.compactMap { event in
            guard case .journal(let line) = event.body, line.writer == .component("oomd"), isNear(event, disruption),
                let entry = OOMDEntry(line.message), disruption.isIn(entry.cgroup, victim)
            else { return nil }
            return (event, entry)
        }
    }

    /// What the unit's manager wrote then.
    private static func news(_ disruption: DisruptionCase) -> Event? {
        disruption.events.first { event in
            guard case .journal(let line) = event.body, line.messageID == MemoryKiller.oomdMessage,
                case .manager = line.writer, let unit = line.unit
            else { return false }
            return unit == disruption.unit && isNear(event, disruption)
        }
    }

    private static func isNear(_ event: Event, _ disruption: DisruptionCase) -> Bool {
        event.time.distance(to: disruption.disruption.at) <= .seconds(10)
    }

    /// The cgroup whose pressure systemd-oomd acted on; nil where it was the machine's memory.
    private static func pressedCgroup(_ disruption: DisruptionCase) -> String? {
        journal(disruption).first?.entry.pressed.flatMap { $0 == "/" ? nil : $0 }
    }
}

extension DisruptionCase {
    /// A service of the system's manager that nobody's agent started: a name alone is none.
    func isMemoryKiller(_ key: ProcessKey?) -> Bool {
        guard let process = key.flatMap({ table[$0] }), process.tag == 0,
            let unit = cgroups.unitID(of: process.cgroup), unit.manager == .system, unit.name.hasSuffix(".service")
        else { return false }
        return MemoryKiller.names.contains(process.comm) || MemoryKiller.services.contains(unit.name)
    }

    /// Of a memory killer: whether it looks at cgroups, and not at the machine alone.
    fileprivate func actsOnCgroups(_ killer: ProcessKey) -> Bool {
        guard let process = table[killer] else { return true }
        let unit = cgroups.unitID(of: process.cgroup)?.name.split(separator: ".").first.map(String.init)
        return MemoryKiller.ofCgroups.contains { $0 == process.comm || $0 == unit }
    }
}
