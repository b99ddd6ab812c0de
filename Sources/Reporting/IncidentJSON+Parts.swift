import Attribution
import EventModel
import IncidentDetection

extension IncidentJSON {
    static func subject(_ subject: Subject) -> JSONValue {
        [
            "kind": .string(subject.kind.rawValue), "name": .string(subject.name),
            "manager": JSONValue(subject.manager?.rawValue), "uid": JSONValue(subject.uid),
            "invocation_before": JSONValue(subject.invocationBefore),
            "invocation_after": JSONValue(subject.invocationAfter),
        ]
    }

    static func disruption(_ disruption: Disruption, _ times: WallClock) -> JSONValue {
        [
            "kind": .string(disruption.kind.rawValue), "at": times.json(disruption.at),
            "recovered_at": JSONValue(disruption.recoveredAt.map(times.json)),
            "main_pid_before": JSONValue(disruption.mainBefore?.pid),
            "main_pid_after": JSONValue(disruption.mainAfter?.pid),
            "exit_code": JSONValue(disruption.status?.code), "signal": JSONValue(disruption.status?.signal?.rawValue),
            "core_dumped": .flag(disruption.coreDumped),
            "systemd": JSONValue(disruption.systemd.map(systemd)),
        ]
    }

    private static func systemd(_ facts: UnitFacts) -> JSONValue {
        [
            "result": JSONValue(facts.result), "n_restarts": JSONValue(facts.restarts),
            "restart_policy": JSONValue(facts.restartPolicy), "job_type": JSONValue(facts.jobType),
            "job_id": JSONValue(facts.jobID),
        ]
    }

    static func verdict(_ verdict: Verdict, _ times: WallClock) -> JSONValue {
        [
            "outcome": .string(verdict.outcome.rawValue), "mechanism": .string(verdict.mechanism.rawValue),
            "confidence": .string(verdict.confidence.rawValue), "summary": .string(verdict.summary),
            "culprit": JSONValue(verdict.culprit.map { culprit($0, times) }),
            "rules": JSONValue(strings: verdict.rules),
            "alternatives": .array(
                verdict.alternatives.map { alternative in
                    [
                        "outcome": .string(alternative.outcome.rawValue),
                        "mechanism": .string(alternative.mechanism.rawValue),
                        "culprit": JSONValue(alternative.culprit.map { culprit($0, times) }),
                        "why_not": .string(alternative.whyNot),
                    ]
                }),
            "exonerated": .array(
                verdict.exonerated.map { exoneration in
                    [
                        "agent": agent(exoneration.agent), "root": process(exoneration.root, times),
                        "why": .string(exoneration.why), "evidence": JSONValue(strings: exoneration.evidence),
                    ]
                }),
        ]
    }

    private static func culprit(_ culprit: Culprit, _ times: WallClock) -> JSONValue {
        [
            "agent": JSONValue(culprit.agent.map(agent)), "root": process(culprit.root, times),
            "actor": process(culprit.actor, times), "chain": .array(culprit.chain.map { process($0, times) }),
        ]
    }

    static func evidence(_ evidence: Evidence, _ times: WallClock) -> JSONValue {
        [
            "id": .string(evidence.id), "at": times.json(evidence.at), "source": .string(evidence.source.name),
            "kind": .string(evidence.kind), "text": .string(evidence.text),
            "process": JSONValue(evidence.process.map { process($0, times) }), "rule": JSONValue(evidence.rule),
            // A dictionary has no order of its own; by name it is the same every time.
            "data": .object(
                evidence.data.sorted { $0.key < $1.key }.map { JSONValue.Member(name: $0.key, value: value($0.value)) }),
        ]
    }

    private static func value(_ value: Evidence.Value) -> JSONValue {
        switch value {
        case .integer(let number): .integer(number)
        case .text(let text): .string(text)
        case .flag(let flag): .flag(flag)
        }
    }

    static func oom(_ oom: OOM, _ times: WallClock) -> JSONValue {
        [
            "scope": JSONValue(oom.scope?.rawValue), "limit": JSONValue(oom.limitBytes),
            "victim": process(oom.victim, times), "trigger": JSONValue(oom.trigger.map { process($0, times) }),
            "hog": JSONValue(oom.hog.map { process($0, times) }),
            "trees": .array(
                oom.trees.map { tree in
                    [
                        "root": process(tree.root, times), "agent": JSONValue(tree.agent.map(agent)),
                        "rss": .unsigned(tree.rssBytes), "share": .number(tree.share),
                    ]
                }),
        ]
    }

    static func completeness(_ completeness: Completeness, _ times: WallClock) -> JSONValue {
        [
            "lost_events": .unsigned(completeness.lostEvents),
            "gaps": .array(
                completeness.gaps.map { gap in
                    [
                        "source": .string(gap.source), "from": times.json(gap.from), "to": times.json(gap.to),
                        "why": .string(gap.why),
                    ]
                }),
            "sources": .array(completeness.sources.map(source)),
        ]
    }

    static func source(_ status: SourceStatus) -> JSONValue {
        ["name": .string(status.name), "state": .string(status.state.name), "why": .string(status.why)]
    }
}
