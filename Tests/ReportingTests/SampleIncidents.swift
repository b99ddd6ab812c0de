import Attribution
import EventModel
import IncidentDetection
import Testing

struct SampleIncident: Sendable, CustomTestStringConvertible {
    var name: String
    var incident: Incident
    var testDescription: String { name }

    static let all = [
        SampleIncident(name: "signal", incident: Sample.signalIncident),
        SampleIncident(name: "crash", incident: Sample.crashIncident),
        SampleIncident(name: "gaps", incident: Sample.gapIncident),
        SampleIncident(name: "oom", incident: Sample.oomIncident),
        SampleIncident(name: "hostile", incident: Sample.hostileIncident),
        SampleIncident(name: "failed-start", incident: Sample.failedStartIncident),
        SampleIncident(name: "degraded", incident: Sample.degradedIncident),
    ]
}

extension Sample {
    private static var signalFacts: UnitFacts {
        var facts = UnitFacts(unit: UnitID(manager: .system, name: "prod.service"))
        facts.result = "signal"
        facts.resultNow = "success"
        facts.restarts = 1
        facts.restartsBefore = 0
        facts.restartPolicy = "on-failure"
        facts.wasAutomatic = true
        return facts
    }

    /// An agent's orphaned grandchild kills production.
    static var signalIncident: Incident {
        let bash = process(
            4300, "bash", ["bash", "-c", "nohup ./cleanup.sh worker &"], start: 10_810.1, parent: 4100,
            unit: "session-4.scope", exit: ended(10_810.4, .code(0)), agent: claude)
        let cleanup = process(
            4301, "cleanup.sh", ["/bin/sh", "./cleanup.sh", "worker"], start: 10_810.2, parent: 4300,
            unit: "session-4.scope", exit: ended(10_812.5, .code(0)), agent: claude)
        let pkill = process(
            4310, "pkill", ["pkill", "-9", "-f", "worker"], start: 10_811.9, parent: 4301, unit: "session-4.scope",
            exit: ended(10_812.1, .code(0)), agent: claude)
        let main = process(
            2210, "worker", ["/srv/prod/worker", "--queue", "mail"], start: 400, parent: 1, unit: "prod.service",
            uid: 990,
            exit: ended(10_812.123456789, .signal(.kill)))
        let rows = [
            Evidence(
                id: "e1", at: at(10_810.2), source: .bpf, kind: "fork", text: "bash (4300) made cleanup.sh (4301)",
                process: bash,
                rule: "lineage-by-fork"),
            Evidence(
                id: "e2", at: at(10_810.4), source: .bpf, kind: "exit", text: "bash (4300) exited with code 0",
                process: bash),
            Evidence(
                id: "e3", at: at(10_811.9), source: .bpf, kind: "exec", text: "pkill -9 -f worker", process: pkill),
            Evidence(
                id: "e4", at: at(10_812.122), source: .bpf, kind: "signal",
                text: "pkill (4310) sent SIGKILL to worker (2210), delivered", process: pkill, rule: "signal-delivered",
                data: ["signal": .integer(9), "delivered": .flag(true), "at_ns": .text("10812122000000")]),
            Evidence(
                id: "e5", at: at(10_812.123456789), source: .bpf, kind: "exit",
                text: "worker (2210) was ended by SIGKILL",
                process: main, rule: "signal-delivered"),
            Evidence(
                id: "e6", at: at(10_812.53), source: .bpf, kind: "exec",
                text: "prod.service runs again as worker (4340)"),
        ]
        return Incident(
            id: "20261121T044012.123-prod", revision: 2, related: ["20261121T044012.124-kaval"],
            fingerprint: "a1b2c3d4e5f60718",
            host: host, wallOffset: wallOffset,
            subject: Subject(
                kind: .unit, name: "prod.service", manager: .system, invocationBefore: "aa11", invocationAfter: "bb22"),
            disruption: Disruption(
                kind: .restarted, at: at(10_812.123456789), recoveredAt: at(10_812.535), mainBefore: main.key,
                mainAfter: ProcessKey(pid: 4340, start: at(10_812.53)), status: .signal(.kill), systemd: signalFacts),
            verdict: Verdict(
                outcome: .agent, mechanism: .signal, confidence: .proven,
                summary:
                    "claude-code ended prod.service: its script cleanup.sh ran pkill -9 -f worker, which matched the main process.",
                culprit: Culprit(
                    agent: claude, root: claudeRoot, actor: pkill, chain: [claudeRoot, bash, cleanup, pkill]),
                rules: ["signal-delivered", "lineage-by-fork"],
                alternatives: [
                    Alternative(
                        outcome: .system, mechanism: .scheduled,
                        whyNot: "no timer or job ran in the 60 s before the signal")
                ],
                exonerated: [
                    Exoneration(
                        agent: codex, root: codexRoot, why: "it sent no signal and called no manager in the window",
                        evidence: ["e4"])
                ]),
            evidence: rows.filter { $0.rule != nil }, timeline: rows, completeness: complete)
    }

    /// Production aborts by itself while an agent is busy.
    static var crashIncident: Incident {
        let main = process(
            3000, "kolu", ["/home/dev/kolu/bin/kolu", "serve", "--port", "8080"], start: 500, parent: 1200,
            unit: "kolu.service",
            exit: ended(10_900, .signal(.abort, coreDumped: true)))
        let rows = [
            Evidence(
                id: "e1", at: at(10_899.9991), source: .bpf, kind: "signal",
                text: "kolu (3000) sent SIGABRT to itself", process: main, rule: "self-abort"),
            Evidence(
                id: "e2", at: at(10_900), source: .bpf, kind: "exit",
                text: "kolu (3000) was ended by SIGABRT (core dumped)", process: main, rule: "self-abort"),
        ]
        return Incident(
            id: "20261121T044140.000-kolu", fingerprint: "00ff00ff00ff00ff", host: host, wallOffset: wallOffset,
            subject: Subject(kind: .unit, name: "kolu.service", manager: .user, uid: 1000),
            disruption: Disruption(
                kind: .restarted, at: at(10_900), recoveredAt: at(10_903.1), mainBefore: main.key,
                mainAfter: ProcessKey(pid: 5400, start: at(10_903)), status: .signal(.abort, coreDumped: true)),
            verdict: Verdict(
                outcome: .self, mechanism: .crash, confidence: .proven,
                summary:
                    "kolu.service aborted by itself and its manager restarted it. Result=success with NRestarts=1 reads like a "
                    + "clean stop and says the opposite: the instance before ended uncleanly, and nobody asked for a restart.",
                culprit: Culprit(agent: nil, root: main, actor: main, chain: [main]), rules: ["self-abort"],
                alternatives: [
                    Alternative(
                        outcome: .agent, mechanism: .managerRequest,
                        culprit: Culprit(agent: claude, root: claudeRoot, actor: claudeRoot, chain: [claudeRoot]),
                        whyNot: "the main process ended before any job was queued, and no process called the manager")
                ],
                exonerated: [
                    Exoneration(
                        agent: claude, root: claudeRoot,
                        why: "it was busy (14 processes) and sent nothing to kolu.service or to its manager",
                        evidence: [])
                ]),
            evidence: rows, timeline: rows, completeness: complete)
    }

    /// The evidence does not reach: the collector was away.
    static var gapIncident: Incident {
        Incident(
            id: "20261121T050000.000-db", fingerprint: "1111222233334444", host: host, wallOffset: wallOffset,
            subject: Subject(kind: .unit, name: "db.service", manager: .system),
            disruption: Disruption(
                kind: .stopped, at: at(12_000), mainBefore: ProcessKey(pid: 1500, start: at(60)), status: nil),
            verdict: Verdict(
                outcome: .unknown, mechanism: .unknown, confidence: .none,
                summary: "db.service stopped while the collector was not recording; who did it cannot be known.",
                culprit: nil,
                rules: [],
                alternatives: [
                    Alternative(
                        outcome: .agent, mechanism: .signal,
                        culprit: Culprit(agent: claude, root: claudeRoot, actor: claudeRoot, chain: [claudeRoot]),
                        whyNot: "the agent was alive, but no act of it was seen")
                ]),
            evidence: [],
            timeline: [
                Evidence(
                    id: "e1", at: at(11_990), source: .collector, kind: "gap", text: "the collector ended"),
                Evidence(id: "e2", at: at(12_004.5), source: .collector, kind: "source", text: "the collector is back"),
                Evidence(
                    id: "e3", at: at(15_731), source: .procfs, kind: "seen", text: "claude (4100) was running"),
            ],
            completeness: Completeness(
                lostEvents: 1_817,
                gaps: [
                    Gap(
                        source: "collector", from: at(11_990), to: at(12_004.5), lost: 0,
                        why: "it was ended by SIGKILL and restarted"),
                    Gap(source: "bpf:exec", from: at(12_010), to: at(12_010.25), lost: 1_817, why: "the ring was full"),
                ],
                sources: sources + [
                    SourceStatus(
                        name: "bpf:signal", state: .degraded,
                        why: "classic tracepoint; the target's inner pid is missing"),
                    SourceStatus(name: "bpf:bind", state: .missing, why: "no cgroup v2 root to attach to"),
                ]))
    }
}
