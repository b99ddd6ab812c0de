import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// The manager's watchdog ended the subject, which had waited for what one other tree used most of. What its code would have done with more is not known, so it is never proven.
enum ContentionRule: Rule {
    static let id = "contention.watchdog"
    /// It waited for at least so much of the time, or it may as well have hung by itself.
    private static let clearly = 0.5
    /// Who used that much, and twice as much as the next, is the one.
    private static let most = 0.6

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, overdue.kind == .watchdog else { return nil }
        return finding(disruption, overdue, as: id)
    }

    static func finding(_ disruption: DisruptionCase, _ overdue: Overdue, as rule: String) -> Finding? {
        guard disruption.victim != nil, !disruption.endedBeforeRecording else { return nil }
        let start = overdue.at - (overdue.interval ?? .seconds(30))
        guard let contention = disruption.contention(from: start, to: overdue.at), let foremost = contention.foremost,
            foremost.share >= clearly, let own = contention.own, own >= clearly
        else { return nil }
        let rivals = contention.users.dropFirst().filter { $0.share * 2 > foremost.share }
        return Finding(
            rule: rule, mechanism: .resourceContention, actor: foremost.process,
            actedAt: overdue.at,
            confidence: foremost.share >= most && rivals.isEmpty ? .likely : .possible,
            act: act(contention, own, foremost, overdue, disruption),
            evidence: evidence(contention, disruption, at: overdue.at) + overdue.evidence + [.end(of: disruption)],
            alternatives: alternatives(contention, rivals, disruption),
            suspects: rivals.filter { !$0.isSubject }.map(\.process))
    }

    private static func act(
        _ contention: Contention, _ own: Double, _ foremost: Contention.User, _ overdue: Overdue,
        _ disruption: DisruptionCase
    ) -> String {
        let name = disruption.subject.name
        let use =
            contention.resource == .cpu
            ? "used \(percent(foremost.share)) of the CPU time"
            : "took \(percent(foremost.share)) of the memory that was taken"
        return
            "and what else is in its tree \(use) while the machine was short of it; \(name) waited for it at least "
            + "\(percent(own)) of the time, \(overdue.deed), and the manager ended it"
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private static func evidence(
        _ contention: Contention, _ disruption: DisruptionCase, at time: BootTime
    ) -> [Finding.Observation] {
        let machine = Finding.Observation(
            at: time, source: .psi, kind: "pressure",
            text:
                "in \(percent(contention.machine)) of the time some task of the machine waited for \(contention.name)",
            data: ["machine": .integer(Int64(contention.machine * 100))])
        let own = contention.own.map { own in
            Finding.Observation(
                at: time, source: .cgroup, kind: "pressure",
                text:
                    "in at least \(percent(own)) of the time some task of \(disruption.subject.name) waited for \(contention.name)",
                data: ["subject": .integer(Int64(own * 100))])
        }
        let shares = contention.users.prefix(5).map { user in
            Finding.Observation(
                at: time, source: .bpf, kind: "share",
                text: "\(percent(user.share)) of the \(contention.name) was used by the tree of "
                    + disruption.name(user.process, at: time), process: user.process,
                data: ["share": .integer(Int64(user.share * 100))])
        }
        return [machine] + [own].compactMap { $0 } + shares
    }

    private static func alternatives(
        _ contention: Contention, _ rivals: [Contention.User], _ disruption: DisruptionCase
    ) -> [Alternative] {
        let own = Alternative(
            outcome: .self, mechanism: .watchdog,
            whyNot: "it may have hung by itself; it is less likely since it waited for \(contention.name)")
        return [own]
            + rivals.filter { !$0.isSubject }.prefix(4).map {
                disruption.alternative(
                    $0.process,
                    "\(disruption.name($0.process)) and its tree used \(percent($0.share)) of the \(contention.name)",
                    .resourceContention)
            }
    }
}
