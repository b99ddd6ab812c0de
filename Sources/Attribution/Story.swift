import EventModel
import IncidentDetection
import ProcessTracking

/// The evidence of a finding with ids, and the timeline around it.
struct Story {
    private(set) var evidence: [Evidence] = []
    private(set) var timeline: [Evidence] = []

    /// Most entries of context; the evidence itself is always there.
    private static let contextLimit = 200

    init(_ disruption: DisruptionCase, _ finding: Finding, _ owner: TreeOwner?, _ abandoned: AbandonedSession?) {
        let requests = finding.isSelf ? [] : disruption.requests(in: owner?.chain ?? [])
        let proof =
            finding.evidence.map { (observation: $0, rule: Optional(finding.rule)) }
            + requests.map { (observation: $0, rule: Optional(DisruptionCase.requestRule)) }
        let known = Set(proof.map { "\($0.observation.at.nanoseconds)/\($0.observation.kind)" })
        let context =
            (Self.lives(of: owner?.chain ?? [], disruption) + Self.otherSignals(disruption) + Self.recovery(disruption)
            + (abandoned?.observations(disruption) ?? []) + Self.unitContext(disruption) + Self.calls(disruption))
            .filter { !known.contains("\($0.at.nanoseconds)/\($0.kind)") }
            .prefix(Self.contextLimit)
        let all = (proof + context.map { ($0, nil) }).enumerated()
            .sorted { ($0.element.observation.at, $0.offset) < ($1.element.observation.at, $1.offset) }
            .map(\.element)
        for (number, entry) in all.enumerated() {
            let item = Evidence(
                id: "e\(number + 1)", at: entry.observation.at, source: entry.observation.source,
                kind: entry.observation.kind, text: entry.observation.text,
                process: entry.observation.process.map { disruption.describe($0, at: entry.observation.at) },
                rule: entry.rule, data: entry.observation.data)
            timeline.append(item)
            if entry.rule != nil { evidence.append(item) }
        }
    }

    /// When each process of the chain came, and when it went: that is how an orphan's story reads.
    private static func lives(of chain: [TrackedProcess], _ disruption: DisruptionCase) -> [Finding.Observation] {
        chain.flatMap { process -> [Finding.Observation] in
            var life = [
                Finding.Observation(
                    at: process.key.start, source: process.seenBy, kind: "start",
                    text: start(of: process, disruption),
                    process: process.key)
            ]
            if let exit = process.exit, process.key != disruption.victim {
                life.append(
                    Finding.Observation(
                        at: exit.at, source: process.seenBy, kind: "exit",
                        text: "\(disruption.name(process.key, at: exit.at)) \(ending(exit))",
                        process: process.key))
            }
            return life
        }
    }

    private static func start(of process: TrackedProcess, _ disruption: DisruptionCase) -> String {
        guard let creator = process.creator else { return "\(disruption.name(process.key)) started" }
        return "\(disruption.name(creator, at: process.key.start)) made pid \(process.key.pid)"
    }

    private static func ending(_ exit: TrackedProcess.Ending) -> String {
        switch (exit.status?.signal, exit.status?.code) {
        case (let signal?, _): "was ended by \(signal.name)"
        case (_, let code?): "exited with code \(code)"
        default: "ended"
        }
    }

    private static func otherSignals(_ disruption: DisruptionCase) -> [Finding.Observation] {
        disruption.signalsToVictim.map { .signal($0.event, $0.signal, disruption) }
    }

    private static func recovery(_ disruption: DisruptionCase) -> [Finding.Observation] {
        guard let at = disruption.disruption.recoveredAt else { return [] }
        return [
            Finding.Observation(
                at: at, source: disruption.endSource, kind: "recovered",
                text: "\(disruption.subject.name) runs again, as \(disruption.name(disruption.disruption.mainAfter))",
                process: disruption.disruption.mainAfter)
        ]
    }
}
