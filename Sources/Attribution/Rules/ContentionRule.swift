import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// The manager's watchdog ended the subject, which had waited for what one other tree used most of. What its code would
/// have done with more is not known, so it is never proven.
enum ContentionRule: Rule {
    static let id = "contention.watchdog"
    private static let sharedRule = "contention.shared"
    private static let mostNamed = 4

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let overdue = disruption.overdue, overdue.kind == .watchdog else { return nil }
        return finding(disruption, overdue, as: id)
    }

    static func finding(_ disruption: DisruptionCase, _ overdue: Overdue, as rule: String) -> Finding? {
        guard disruption.victim != nil, !disruption.endedBeforeRecording else { return nil }
        let start = overdue.at - (overdue.interval ?? .seconds(30))
        guard
            let starvation = disruption.starvation(
                from: start, to: overdue.at, isUsualWork: overdue.kind == .watchdog)
        else { return shared(disruption, overdue, from: start, as: rule) }
        return Finding(
            rule: rule, mechanism: .resourceContention, actor: starvation.foremost.process,
            actedAt: overdue.at, confidence: starvation.confidence, act: act(starvation, overdue, disruption),
            evidence: evidence(starvation, disruption, at: overdue.at) + overdue.evidence + [.end(of: disruption)],
            alternatives: alternatives(starvation, disruption),
            suspects: starvation.rivals.filter { !$0.isSubject }.map(\.process))
    }

    /// It surely waited, and for what several used: no one of them is why, and it is not its own doing either.
    private static func shared(
        _ disruption: DisruptionCase, _ overdue: Overdue, from start: BootTime, as rule: String
    ) -> Finding? {
        guard
            let starvation = disruption.sharedStarvation(
                from: start, to: overdue.at, isUsualWork: overdue.kind == .watchdog)
        else { return nil }
        let others = starvation.contention.others.prefix(mostNamed)
        let shares = others.map { "\(disruption.name($0.process)) and its tree \(Starvation.percent($0.share))" }
        return Finding(
            rule: rule, furtherRules: [sharedRule], mechanism: .resourceContention, actor: nil, confidence: .none,
            act: "\(disruption.subject.name) waited for \(starvation.contention.name) at least "
                + "\(Starvation.percent(starvation.own)) of the time, \(overdue.deed), and the manager ended it; nobody "
                + "used most of what there was: \(shares.joined(separator: ", "))",
            evidence: evidence(starvation, disruption, at: overdue.at) + overdue.evidence + [.end(of: disruption)],
            alternatives: [itself(starvation)]
                + others.map {
                    disruption.alternative($0.process, "others together used more", .resourceContention)
                }, suspects: starvation.contention.mayHaveTaken)
    }

    private static func act(_ starvation: Starvation, _ overdue: Overdue, _ disruption: DisruptionCase) -> String {
        "and what else is in its tree \(starvation.use) while the machine was short of it; \(disruption.subject.name) "
            + "waited for it at least \(Starvation.percent(starvation.own)) of the time, \(overdue.deed), and the "
            + "manager ended it"
    }

    /// How short it was, of the machine and of the subject, and whose share was how large.
    static func evidence(
        _ starvation: Starvation, _ disruption: DisruptionCase, at time: BootTime
    ) -> [Finding.Observation] {
        let (contention, percent) = (starvation.contention, Starvation.percent)
        let machine = Finding.Observation(
            at: time, source: .psi, kind: "pressure",
            text:
                "in \(percent(contention.machine)) of the time some task of the machine waited for \(contention.name)",
            data: ["machine": .integer(Int64(contention.machine * 100))])
        let (whose, source): (String, Source) =
            starvation.isOfThreads
            ? ("the threads of the main process of \(disruption.subject.name) together", .bpf)
            : ("some task of \(disruption.subject.name)", .cgroup)
        let own = Finding.Observation(
            at: time, source: source, kind: "pressure",
            text: "in at least \(percent(starvation.own)) of the time \(whose) waited for \(contention.name)",
            data: ["subject": .integer(Int64(starvation.own * 100))])
        let shares = contention.users.prefix(5).map { user in
            Finding.Observation(
                at: time, source: .bpf, kind: "share",
                text: "\(percent(user.share)) of the \(contention.name) was used by the tree of "
                    + disruption.name(user.process, at: time), process: user.process,
                data: ["share": .integer(Int64(user.share * 100))])
        }
        return [machine, own] + shares
    }

    private static func alternatives(_ starvation: Starvation, _ disruption: DisruptionCase) -> [Alternative] {
        let name = starvation.contention.name
        return [itself(starvation)]
            + starvation.rivals.filter { !$0.isSubject }.prefix(mostNamed).map { rival in
                disruption.alternative(
                    rival.process,
                    "\(disruption.name(rival.process)) and its tree used \(Starvation.percent(rival.share)) of the \(name)",
                    .resourceContention)
            }
    }

    private static func itself(_ starvation: Starvation) -> Alternative {
        Alternative(
            outcome: .self, mechanism: .watchdog,
            whyNot: starvation.doubt.map { "it may as well have hung by itself: \($0)" }
                ?? "it may have hung by itself; it is less likely since it waited for \(starvation.contention.name)")
    }
}
