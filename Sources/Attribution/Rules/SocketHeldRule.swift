import EventModel
import IncidentDetection
import ProcessTracking

/// A start failed, the unit itself logged that an address was in use, and another process listened on the UNIX socket that it
/// named, or that the unit used to have. That this bind was the one that failed is inferred.
enum SocketHeldRule: Rule {
    static let id = "socket.held"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let held = disruption.heldSocket, let holder = held.holding.holder,
            disruption.managers.scope(of: holder) == nil
        else { return nil }
        let isSelf = disruption.isOwn(holder)
        let subject = disruption.subject.name
        let end = "\(subject) found it in use and exited with code \(disruption.disruption.status?.code ?? 0)"
        let name = held.holding.address.name
        return Finding(
            rule: id, mechanism: .portConflict, actor: holder, actedAt: held.holding.since, isSelf: isSelf,
            confidence: held.rivals.isEmpty ? .likely : .possible, isBackFilled: held.holding.source != .bpf,
            allowsForMissingCalls: true,
            act: isSelf
                ? "\(disruption.name(holder)), a process of \(subject) itself, listened on \(name); \(end)"
                : "listened on \(name), which \(subject) needs: \(end)",
            evidence: [
                .listening(held.holding, disruption), .inUse(held.line, disruption), .end(of: disruption),
            ],
            alternatives: held.rivals.suffix(4).compactMap { rival in
                rival.holder.map {
                    disruption.alternative(
                        $0, "\(disruption.name($0, at: rival.since)) listened on \(rival.address.name)", .portConflict)
                }
            }, suspects: held.rivals.compactMap(\.holder))
    }
}
