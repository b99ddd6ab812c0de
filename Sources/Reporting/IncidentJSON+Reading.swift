public import Attribution
public import EventModel
import IncidentDetection

// The way back: what a store or the daemon hands out as a document is shown by the same renderers as what was just judged.
extension IncidentJSON {
    /// The incident of a document. `wallOffset` is the one that it was written with; `supplement` what `IncidentSupplement`
    /// made of it. When the main processes started is in neither.
    public static func incident(
        _ document: JSONValue, wallOffset: WallOffset, supplement: JSONValue = .null
    ) throws(DocumentError) -> Incident {
        var incident = try incident(document, wallOffset)
        IncidentSupplement.complete(&incident, from: supplement)
        return incident
    }

    private static func incident(_ document: JSONValue, _ wallOffset: WallOffset) throws(DocumentError) -> Incident {
        let reader = DocumentReader(document, offset: wallOffset)
        guard try reader.text("schema") == Incident.schema else { throw reader.error("schema", "is another one") }
        return Incident(
            id: try reader.text("id"), revision: try reader.number("revision"), related: try reader.texts("related"),
            fingerprint: try reader.text("fingerprint"), host: try reader.object("host", host), wallOffset: wallOffset,
            subject: try reader.object("subject", subject), disruption: try reader.object("disruption", disruption),
            verdict: try reader.object("verdict", verdict), evidence: try reader.list("evidence", evidence),
            timeline: try reader.list("timeline", evidence), oom: try reader.optionalObject("oom", oom),
            pressure: try reader.optionalObject("pressure", pressure),
            completeness: try reader.object("completeness", completeness))
    }

    /// The entry of a list.
    public static func summary(_ entry: JSONValue, wallOffset: WallOffset) throws(DocumentError) -> IncidentSummary {
        let reader = DocumentReader(entry, offset: wallOffset)
        let subject = try reader.object("subject", subject)
        let disruption = try reader.object("disruption", disruption)
        let (id, fingerprint) = (try reader.text("id"), try reader.text("fingerprint"))
        let revision: Int = try reader.number("revision")
        return try reader.object("verdict") { (verdict) throws(DocumentError) in
            IncidentSummary(
                id: id, fingerprint: fingerprint, revision: revision, wallOffset: wallOffset, subject: subject,
                disruption: disruption, outcome: try verdict.choice("outcome"),
                mechanism: try verdict.choice("mechanism"), confidence: try verdict.choice("confidence"),
                summary: try verdict.text("summary"), agent: try verdict.optionalObject("agent", agent))
        }
    }

    private static func host(_ reader: DocumentReader) throws(DocumentError) -> Host {
        Host(
            name: try reader.text("name"), machineID: try reader.text("machine_id"),
            bootID: try reader.text("boot_id"), kernel: try reader.text("kernel"), wallOffset: reader.offset,
            collector: ProcessKey(pid: 0, start: .zero), version: "")
    }

    private static func subject(_ reader: DocumentReader) throws(DocumentError) -> Subject {
        Subject(
            kind: try reader.choice("kind"), name: try reader.text("name"),
            manager: try reader.optionalChoice("manager"), uid: try reader.optionalNumber("uid"),
            invocationBefore: try reader.optionalText("invocation_before"),
            invocationAfter: try reader.optionalText("invocation_after"))
    }

    private static func disruption(_ reader: DocumentReader) throws(DocumentError) -> Disruption {
        let systemd = try reader.optionalObject("systemd", unitFacts)
        return Disruption(
            kind: try reader.choice("kind"), at: try reader.time("at"),
            recoveredAt: try reader.optionalTime("recovered_at"),
            mainBefore: try main(reader, "main_pid_before"), mainAfter: try main(reader, "main_pid_after"),
            status: try status(reader, code: "exit_code"), systemd: systemd)
    }

    /// What of them is in a document; which unit it is, the subject says.
    private static func unitFacts(_ reader: DocumentReader) throws(DocumentError) -> UnitFacts {
        var facts = UnitFacts(unit: UnitID(manager: .system, name: ""))
        facts.result = try reader.optionalText("result")
        facts.restarts = try reader.optionalNumber("n_restarts")
        facts.restartPolicy = try reader.optionalText("restart_policy")
        facts.jobType = try reader.optionalText("job_type")
        facts.jobID = try reader.optionalNumber("job_id")
        return facts
    }

    private static func main(_ reader: DocumentReader, _ name: String) throws(DocumentError) -> ProcessKey? {
        try reader.optionalNumber(name).map { ProcessKey(pid: $0, start: .zero) }
    }

    /// Of a code, a signal, and whether core was dumped; nil where there is neither of the first two.
    private static func status(_ reader: DocumentReader, code name: String) throws(DocumentError) -> ExitStatus? {
        if let code: UInt8 = try reader.optionalNumber(name) { return .code(code) }
        guard let signal: Int32 = try reader.optionalNumber("signal") else { return nil }
        return .signal(Signal(rawValue: signal), coreDumped: try reader.flag("core_dumped"))
    }

    private static func verdict(_ reader: DocumentReader) throws(DocumentError) -> Verdict {
        Verdict(
            outcome: try reader.choice("outcome"), mechanism: try reader.choice("mechanism"),
            confidence: try reader.choice("confidence"), summary: try reader.text("summary"),
            culprit: try reader.optionalObject("culprit", culprit), rules: try reader.texts("rules"),
            alternatives: try reader.list("alternatives") { (item) throws(DocumentError) in
                Alternative(
                    outcome: try item.choice("outcome"), mechanism: try item.choice("mechanism"),
                    culprit: try item.optionalObject("culprit", culprit), whyNot: try item.text("why_not"))
            },
            exonerated: try reader.list("exonerated") { (item) throws(DocumentError) in
                Exoneration(
                    agent: try item.object("agent", agent), root: try item.object("root", process),
                    why: try item.text("why"), evidence: try item.texts("evidence"))
            })
    }

    private static func culprit(_ reader: DocumentReader) throws(DocumentError) -> Culprit {
        Culprit(
            agent: try reader.optionalObject("agent", agent), root: try reader.object("root", process),
            actor: try reader.object("actor", process), chain: try reader.list("chain", process))
    }

    private static func oom(_ reader: DocumentReader) throws(DocumentError) -> OOM {
        OOM(
            scope: try reader.optionalChoice("scope"), limitBytes: try reader.optionalNumber("limit"),
            victim: try reader.object("victim", process), trigger: try reader.optionalObject("trigger", process),
            hog: try reader.optionalObject("hog", process),
            trees: try reader.list("trees") { (tree) throws(DocumentError) in
                OOM.Tree(
                    root: try tree.object("root", process), agent: try tree.optionalObject("agent", agent),
                    rssBytes: try tree.number("rss"), share: try tree.double("share"))
            })
    }

    private static func completeness(_ reader: DocumentReader) throws(DocumentError) -> Completeness {
        Completeness(
            lostEvents: try reader.number("lost_events"),
            gaps: try reader.list("gaps") { (gap) throws(DocumentError) in
                Gap(
                    source: try gap.text("source"), from: try gap.time("from"), to: try gap.time("to"), lost: 0,
                    why: try gap.text("why"))
            }, sources: try reader.list("sources", source))
    }
}
