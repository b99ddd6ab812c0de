import EventModel
import IncidentDetection
import ProcessTracking

/// The subject listened on a UNIX socket, another process took the socket's name, and the subject ended by itself soon
/// after. That the one followed from the other is inferred.
enum SocketTakenOverRule: Rule {
    static let id = "socket.taken-over"
    /// So soon whoever is no longer reached gives up; what ends later may have ended of it.
    private static let soon = Interval.seconds(10)
    /// A fault of its own so soon after.
    private static let atOnce = Interval.seconds(2)

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let victim = disruption.victim, let taken = disruption.takenSocket,
            disruption.endedByItself(
                victim, disruption.disruption.at, disruption.disruption.status, since: taken.taker.since),
            !wasStopped(disruption), let confidence = confidence(taken, disruption)
        else { return nil }
        guard let holder = taken.taker.holder else { return unknown(taken, disruption) }
        // One that it starts itself hands the work over, which is no conflict.
        guard disruption.managers.scope(of: holder) == nil, !disruption.isOwn(holder) else { return nil }
        let name = taken.taker.address.name
        return Finding(
            rule: id, mechanism: .portConflict, actor: holder, actedAt: taken.taker.since,
            confidence: confidence, isBackFilled: taken.taker.source != .bpf, allowsForMissingCalls: true,
            act: "took over \(name), on which \(disruption.subject.name) listened; \(end(taken, disruption))",
            evidence: evidence(taken, disruption),
            alternatives: [itself(taken, disruption)] + rivals(taken, disruption),
            suspects: taken.rivals.compactMap(\.holder))
    }

    private static func wasStopped(_ disruption: DisruptionCase) -> Bool {
        disruption.unitStop.map { $0.at <= disruption.disruption.at } ?? false
    }

    /// Nil where it ended too late of it, or of a fault that needs no such reason.
    private static func confidence(_ taken: TakenSocket, _ disruption: DisruptionCase) -> Confidence? {
        let after = taken.taker.since.distance(to: disruption.disruption.at)
        if disruption.disruption.status?.signal != nil { return after <= atOnce ? .possible : nil }
        return after <= soon && taken.rivals.isEmpty ? .likely : .possible
    }

    /// Who took it had ended before it was looked at.
    private static func unknown(_ taken: TakenSocket, _ disruption: DisruptionCase) -> Finding {
        let (name, subject) = (taken.taker.address.name, disruption.subject.name)
        return Finding(
            rule: id, mechanism: .portConflict, actor: nil, confidence: .none,
            act: "\(name), on which \(subject) listened, was taken over by a process that was gone before it was "
                + "looked at; \(end(taken, disruption))", evidence: evidence(taken, disruption))
    }

    /// `prod.service then exited with code 3, 0.2 s later`
    private static func end(_ taken: TakenSocket, _ disruption: DisruptionCase) -> String {
        let tenths = taken.taker.since.distance(to: disruption.disruption.at).nanoseconds / 100_000_000
        let status = disruption.disruption.status
        let how = status?.signal.map { "ended by its own \($0.name)" } ?? "exited with code \(status?.code ?? 0)"
        return "\(disruption.subject.name) then \(how), \(tenths / 10).\(tenths % 10) s later"
    }

    private static func evidence(_ taken: TakenSocket, _ disruption: DisruptionCase) -> [Finding.Observation] {
        [.listening(taken.former, disruption), .listening(taken.taker, disruption), .end(of: disruption)]
    }

    private static func itself(_ taken: TakenSocket, _ disruption: DisruptionCase) -> Alternative {
        Alternative(
            outcome: .self, mechanism: .exit,
            whyNot: "it ended by itself, but only after its socket's name had been taken; why it did was not recorded")
    }

    private static func rivals(_ taken: TakenSocket, _ disruption: DisruptionCase) -> [Alternative] {
        taken.rivals.suffix(4).compactMap { rival in
            rival.holder.map {
                disruption.alternative(
                    $0, "\(disruption.name($0, at: rival.since)) had taken the same name before", .portConflict)
            }
        }
    }
}
