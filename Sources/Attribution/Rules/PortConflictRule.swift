import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A process of the subject asked for an address, did not get it, and ended by itself soon after; and at that moment
/// another process held what is in the way of it. Whoever had asked for the start did not make it fail.
enum PortConflictRule: Rule {
    static let id = "port.held"
    /// Below these, only the privileged may bind (ip_unprivileged_port_start).
    private static let firstUnprivileged: UInt16 = 1024

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let refused = disruption.refusedBind, !wasStopped(disruption, after: refused.refusal.at),
            let holder = refused.holders.first
        else { return nil }
        let isSelf = disruption.isOwn(holder) || disruption.isOwnSocket(holder)
        let isSocketOfAnother = !isSelf && disruption.managers.scope(of: holder.process) != nil
        let rivals = refused.holders.dropFirst().filter {
            disruption.party(of: $0.process) != disruption.party(of: holder.process)
        }
        return Finding(
            rule: id, mechanism: .portConflict, actor: isSocketOfAnother ? nil : holder.process,
            actedAt: holder.holding.since, isSelf: isSelf,
            confidence: isSocketOfAnother ? .none : confidence(refused, holder, rivals, disruption),
            isBackFilled: holder.holding.source != .bpf, allowsForMissingCalls: true,
            act: act(refused, holder, isSelf: isSelf, isSocketOfAnother: isSocketOfAnother, disruption),
            evidence: evidence(refused, holder, disruption),
            alternatives: alternatives(refused, holder, rivals, disruption) + requesters(holder, disruption),
            note: note(refused, disruption), suspects: rivals.map(\.process))
    }

    private static func evidence(
        _ refused: RefusedBind, _ holder: PortHolder, _ disruption: DisruptionCase
    ) -> [Finding.Observation] {
        var evidence: [Finding.Observation] = [.holding(holder, disruption), .refusal(refused.refusal, disruption)]
        if let line = refused.said { evidence.append(.inUse(line, disruption)) }
        return evidence + [.end(of: disruption)]
    }

    /// The manager had begun to stop it before it ended.
    private static func wasStopped(_ disruption: DisruptionCase, after time: BootTime) -> Bool {
        guard disruption.disruption.kind != .failedToStart, let stop = disruption.unitStop else { return false }
        return stop.at <= disruption.disruption.at
    }

    private static func confidence(
        _ refused: RefusedBind, _ holder: PortHolder, _ rivals: [PortHolder], _ disruption: DisruptionCase
    ) -> Confidence {
        if !rivals.isEmpty || refused.doubts.count > 1 || needsPrivilege(refused, disruption)
            || lacksAddress(refused, holder, disruption)
        {
            return .possible
        }
        let isCertain = holder.isCertain && refused.ledToTheEnd && refused.doubts.isEmpty
        return isCertain && !mayBeMissing(refused, holder) && !mayShare(refused, holder)
            ? .proven : .likely
    }

    /// An address that no interface has is refused as well.
    private static func mayBeMissing(_ refused: RefusedBind, _ holder: PortHolder) -> Bool {
        let endpoint = refused.refusal.endpoint
        return refused.said == nil && !endpoint.isWildcard && !endpoint.isLoopback
            && holder.holding.endpoint.address != endpoint.address
    }

    /// And nothing shows that there was one with it. One of the unit that had it before does.
    private static func lacksAddress(
        _ refused: RefusedBind, _ holder: PortHolder, _ disruption: DisruptionCase
    ) -> Bool {
        let endpoint = refused.refusal.endpoint
        return mayBeMissing(refused, holder)
            && !disruption.unitHeld(port: endpoint.port) {
                $0.address == endpoint.address && $0.networkNamespace == endpoint.networkNamespace
            }
    }

    /// Whether `::` took IPv4 as well is not recorded.
    private static func mayShare(_ refused: RefusedBind, _ holder: PortHolder) -> Bool {
        refused.refusal.endpoint.family != holder.holding.endpoint.family
    }

    /// It may have lacked the right to that port. One of the unit that had it before shows that it does not.
    private static func needsPrivilege(_ refused: RefusedBind, _ disruption: DisruptionCase) -> Bool {
        let port = refused.refusal.endpoint.port
        guard refused.said == nil, port < firstUnprivileged, refused.refusal.uid != 0 else { return false }
        return !disruption.unitHeld(port: port) { _ in true }
    }

    private static func act(
        _ refused: RefusedBind, _ holder: PortHolder, isSelf: Bool, isSocketOfAnother: Bool,
        _ disruption: DisruptionCase
    ) -> String {
        let name = disruption.subject.name
        let who = disruption.name(refused.refusal.process, at: refused.refusal.at)
        let asked = refused.refusal.endpoint.text
        let end = "\(who) was refused \(asked) and \(Self.end(of: disruption))"
        let holding = disruption.name(holder.process, at: refused.refusal.at)
        if disruption.isOwnSocket(holder) {
            return "\(end); the manager listens there for \(name) and would have handed it over"
        }
        if isSelf { return "\(end); \(holding), a process of \(name) itself, held it" }
        if isSocketOfAnother { return "\(end); the manager listens there, for which unit was not recorded" }
        if refused.doubts.count > 1 { return "held \(holder.holding.endpoint.text): \(end)" }
        return "held \(holder.holding.endpoint.text), which \(name) needs: \(end)"
    }

    /// What speaks for another reason of the end.
    private static func note(_ refused: RefusedBind, _ disruption: DisruptionCase) -> String? {
        refused.doubts.isEmpty
            ? nil
            : "Not certain that \(disruption.name(refused.refusal.process, at: refused.refusal.at)) ended of that: "
                + refused.doubts.joined(separator: "; ") + "."
    }

    private static func end(of disruption: DisruptionCase) -> String {
        guard let status = disruption.disruption.status else { return "ended" }
        return status.signal.map { "ended by its own \($0.name)" } ?? "exited with code \(status.code ?? 0)"
    }

    private static func alternatives(
        _ refused: RefusedBind, _ holder: PortHolder, _ rivals: [PortHolder], _ disruption: DisruptionCase
    ) -> [Alternative] {
        let others = rivals.prefix(8).map {
            disruption.alternative(
                $0.process,
                "\(disruption.name($0.process, at: refused.refusal.at)) held \($0.holding.endpoint.text), which is in the way as well",
                .portConflict)
        }
        return others
            + otherReasons(refused, holder, disruption).map {
                Alternative(outcome: .self, mechanism: .exit, whyNot: $0)
            }
    }

    /// Why it may have been the subject's own doing.
    private static func otherReasons(
        _ refused: RefusedBind, _ holder: PortHolder, _ disruption: DisruptionCase
    ) -> [String] {
        var reasons: [String] = []
        if !refused.doubts.isEmpty {
            reasons.append(
                "it may have lived with that and ended of something else: \(refused.doubts.joined(separator: "; "))")
        }
        if needsPrivilege(refused, disruption) {
            reasons.append(
                "it may not have had the right to bind a port below \(firstUnprivileged); the error was not recorded")
        }
        if lacksAddress(refused, holder, disruption) {
            reasons.append(
                "there may have been no interface with the address \(refused.refusal.endpoint.text); the error was not "
                    + "recorded")
        }
        return reasons
    }

    /// Somebody who asked for the start, and did not make it fail.
    private static func requesters(_ holder: PortHolder, _ disruption: DisruptionCase) -> [Alternative] {
        guard let unit = disruption.unit, disruption.disruption.kind == .failedToStart else { return [] }
        return disruption.calls.all.filter { call in
            call.names(unit) && !call.jobs.isEmpty && call.at <= disruption.disruption.at + DisruptionCase.sendDelay
                && call.request.verb.startsUnit
                && disruption.party(of: call.caller) != disruption.party(of: holder.process)
        }.suffix(4).map { call in
            disruption.alternative(
                call.caller,
                "\(disruption.name(call.caller, at: call.at)) \(call.deed); its start then failed of an address that "
                    + "somebody else held")
        }
    }
}

extension Endpoint {
    /// `127.0.0.1:8080/tcp`
    var text: String { "\(description)/\(transport.name)" }
}
