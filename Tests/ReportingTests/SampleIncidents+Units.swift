import Attribution
import EventModel
import IncidentDetection

extension Sample {
    private static let web = UnitID(manager: .user(1000), name: "web.service")

    private static func unitIncident(_ kind: Disruption.Kind, _ disruption: Disruption, _ summary: String) -> Incident {
        var disruption = disruption
        disruption.kind = kind
        return Incident(
            id: "20261121T044012.123-web", fingerprint: "0011223344556677", host: host, wallOffset: wallOffset,
            subject: Subject(unit: web, invocationBefore: disruption.systemd?.run?.invocation),
            disruption: disruption,
            verdict: Verdict(
                outcome: .unknown, mechanism: .unknown, confidence: .none, summary: summary, culprit: nil,
                rules: ["unexplained"]),
            evidence: [],
            timeline: [
                Evidence(
                    id: "e1", at: at(10_812.2), source: .journal, kind: "journal",
                    text: "systemd: web.service: Failed with result 'exit-code'.",
                    data: ["unit_result": .text("exit-code")])
            ], completeness: complete)
    }

    /// It was restarted by a job, and what was started could not bind its port.
    static var failedStartIncident: Incident {
        var facts = UnitFacts(unit: web)
        facts.result = "exit-code"
        facts.resultNow = "exit-code"
        facts.restarts = 5
        facts.restartsBefore = 0
        facts.restartPolicy = "on-failure"
        facts.jobType = "restart"
        facts.jobID = 890
        facts.run = .init(
            invocation: "aa11", main: ProcessKey(pid: 2210, start: at(400)), endedAt: at(10_811.9),
            status: .signal(.terminate))
        let failed = ProcessKey(pid: 2301, start: at(10_812))
        facts.failedStart = .init(at: at(10_812.123), invocation: "bb22", main: failed, status: .code(1))
        facts.failedStarts = 5
        return unitIncident(
            .failedToStart,
            Disruption(
                kind: .failedToStart, at: at(10_812.123), mainBefore: facts.run?.main, status: .code(1), systemd: facts),
            "web.service could not be started.")
    }

    static var degradedIncident: Incident {
        var facts = UnitFacts(unit: web)
        facts.resultNow = "success"
        facts.restarts = 0
        facts.restartsBefore = 0
        facts.restartPolicy = "no"
        facts.workers = (0..<6).map {
            .init(
                process: ProcessKey(pid: 2211 + $0, start: at(401)), at: at(10_812.1),
                status: .signal(.segmentation, coreDumped: true))
        }
        let main = ProcessKey(pid: 2210, start: at(400))
        return unitIncident(
            .degraded,
            Disruption(
                kind: .degraded, at: at(10_812.1), mainBefore: main, mainAfter: main,
                status: .signal(.segmentation, coreDumped: true), systemd: facts),
            "web.service lost six of its processes.")
    }
}
