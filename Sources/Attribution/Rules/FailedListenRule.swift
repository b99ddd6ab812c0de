import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// Nothing of the subject was started, since a socket unit that it needs did not come up: the manager was refused the address
/// that it was to listen on for that, and at that moment another process held what is in the way.
enum FailedListenRule: Rule {
    static let id = "port.held-from-socket-unit"
    /// So long before the start is given up the refusal may be.
    private static let patience = Interval.seconds(5)
    /// So soon the manager gives up what needs it.
    private static let follows = Interval.seconds(1)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        let start = disruption.disruption.systemd?.failedStart
        guard disruption.disruption.kind == .failedToStart, start?.main == nil,
            start?.jobResult.map({ $0 == "dependency" }) ?? true, let (socket, refusal) = refusal(disruption)
        else { return nil }
        let holders = disruption.holders(against: refusal.endpoint, at: refusal.at).filter {
            disruption.managers.scope(of: $0.process) == nil && !mayBeMissing(refusal.endpoint, $0.holding.endpoint)
        }
        guard let holder = holders.first else { return nil }
        let rivals = holders.dropFirst().filter {
            disruption.party(of: $0.process) != disruption.party(of: holder.process)
        }
        let subject = disruption.subject.name
        return Finding(
            rule: id, mechanism: .portConflict, actor: holder.process, actedAt: holder.holding.since,
            isSelf: disruption.isOwn(holder), confidence: rivals.isEmpty ? .likely : .possible,
            isBackFilled: holder.holding.source != .bpf, allowsForMissingCalls: true,
            act: "held \(holder.holding.endpoint.text): the manager was refused \(refusal.endpoint.text), on which it "
                + "was to listen for \(socket.name), and did not start \(subject), which needs that",
            evidence: [.holding(holder, disruption), .refusal(refusal, disruption), .end(of: disruption)],
            alternatives: rivals.prefix(4).map {
                disruption.alternative(
                    $0.process, "\(disruption.name($0.process, at: refusal.at)) held \($0.holding.endpoint.text)",
                    .portConflict)
            }, suspects: rivals.map(\.process))
    }

    /// An address that no interface has is refused as well, and the error is not recorded: who holds all addresses is not in
    /// the way of it then.
    private static func mayBeMissing(_ asked: Endpoint, _ held: Endpoint) -> Bool {
        !asked.isWildcard && !asked.isLoopback && held.address != asked.address
    }

    /// By the manager, or a process that it makes for that and moves to the socket unit's cgroup (`(sd-listen)`); the latest.
    private static func refusal(_ disruption: DisruptionCase) -> (UnitID, PortTable.Refusal)? {
        guard let unit = disruption.unit else { return nil }
        let sockets = sockets(of: unit, disruption)
        guard !sockets.isEmpty else { return nil }
        let end = disruption.disruption.at + DisruptionCase.logDelay
        return disruption.ports.refusals.reversed().lazy.filter { $0.at <= end && $0.at + patience >= end }
            .filter { isOfManager($0.process, unit.manager, disruption) }.compactMap { refusal in
                let cgroup = disruption.table[refusal.process].flatMap { disruption.cgroups.path(of: $0.cgroup) }
                let own = sockets.first { cgroup?.hasSuffix("/\($0.name)") ?? false }
                let socket = own ?? (sockets.count == 1 ? sockets.first : nil)
                guard let socket, hasFailed(socket, since: refusal.at, disruption) else { return nil }
                return (socket, refusal)
            }.first
    }

    /// What it needs. A manager forgets what does not run, and so that: then the one unit of which it said right before that
    /// it did not come up.
    private static func sockets(of unit: UnitID, _ disruption: DisruptionCase) -> [UnitID] {
        if let state = disruption.units[unit]?.state, state.isWhole {
            return state.relations.filter { [.requires, .requisite, .bindsTo].contains($0.kind) }
                .map { UnitID(manager: unit.manager, name: $0.other) }.filter(\.isSocket)
        }
        guard disruption.disruption.systemd?.failedStart?.jobResult == "dependency" else { return [] }
        let (start, end) = (disruption.disruption.at, disruption.disruption.at + DisruptionCase.logDelay)
        let failed = disruption.events.compactMap { event -> UnitID? in
            guard case .journal(let entry) = event.body, ManagerEntry(entry) == .startFailed, let other = entry.unit,
                other != unit, other.manager == unit.manager, event.time <= end, event.time + follows >= start
            else { return nil }
            return other
        }
        return Set(failed).count == 1 ? failed.prefix(1).filter(\.isSocket) : []
    }

    /// By the manager's own word: other sockets may be refused at that moment as well.
    private static func hasFailed(_ socket: UnitID, since time: BootTime, _ disruption: DisruptionCase) -> Bool {
        disruption.events.contains { event in
            guard case .journal(let entry) = event.body, entry.unit == socket, let news = ManagerEntry(entry) else {
                return false
            }
            return [.failed, .startFailed].contains(news) && event.time + DisruptionCase.logDelay >= time
        }
    }

    /// What the manager has made runs no program of its own yet.
    private static func isOfManager(
        _ process: ProcessKey, _ manager: ManagerScope, _ disruption: DisruptionCase
    ) -> Bool {
        if disruption.managers.scope(of: process) == manager { return true }
        guard let child = disruption.table[process], child.imageSince == nil, let maker = child.creator else {
            return false
        }
        return disruption.managers.scope(of: maker) == manager
    }
}

extension UnitID {
    fileprivate var isSocket: Bool { name.hasSuffix(".socket") }
}
