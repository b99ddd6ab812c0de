public import Attribution
import EventModel
import IncidentDetection

/// The report for a person: what happened, who did it, how sure that is, and what was not seen.
public struct TextReport {
    let incident: Incident
    let times: WallClock
    var page: Page

    /// Lines of at most `style.width` columns, each ended by a newline; every string from outside is escaped.
    public static func render(_ incident: Incident, style: Style = Style()) -> String {
        var report = TextReport(incident: incident, style: style)
        report.headline()
        report.verdict()
        report.culprit()
        report.exonerated()
        report.alternatives()
        report.memory()
        report.pressure()
        report.timeline()
        report.completeness()
        return report.page.text
    }

    private init(incident: Incident, style: Style) {
        self.incident = incident
        times = WallClock(offset: incident.wallOffset)
        page = Page(style)
    }

    private mutating func headline() {
        let subject = Phrases.subject(incident.subject)
        let host = VisibleText(escaping: incident.host.name, columns: 64)
        let at = Phrases.moment(incident.disruption.at, times)
        page.paragraph("\(subject) \(Phrases.verb(incident.disruption.kind)) on \(host) at \(at)", .strong)
        page.paragraph(Phrases.effect(incident.disruption))
        let systemd = incident.disruption.systemd.map(Phrases.systemd) ?? ""
        if !systemd.isEmpty { page.paragraph(systemd, .dim) }
        let revision: VisibleText = incident.revision > 1 ? ", revision \(incident.revision)" : ""
        page.paragraph(hanging: 9, "incident \(incident.id)\(revision), fingerprint \(incident.fingerprint)", .dim)
        guard !incident.related.isEmpty else { return }
        let related = VisibleText(incident.related.map { VisibleText(escaping: $0, columns: 60) }, separator: ", ")
        page.paragraph(hanging: 9, "the same act also caused \(related)", .warning)
    }

    private mutating func verdict() {
        let verdict = incident.verdict
        page.heading("VERDICT", Phrases.verdict(verdict), ink: Phrases.ink(verdict.outcome))
        page.paragraph(lead: [Span("  ")], VisibleText(escaping: verdict.summary, columns: 600), .strong)
        page.paragraph(
            lead: [Span("  "), Span("\(verdict.confidence.rawValue): ", Phrases.ink(verdict.confidence))],
            Phrases.meaning(verdict), .dim)
        guard !verdict.rules.isEmpty else { return }
        page.paragraph(lead: [Span("  rules: ", .dim)], "\(verdict.rules.joined(separator: ", "))", .dim)
    }

    private mutating func culprit() {
        page.heading("WHO DID IT", Phrases.who(incident.verdict), ink: Phrases.ink(incident.verdict.outcome))
        guard let culprit = incident.verdict.culprit else { return }
        let chain = culprit.chain.isEmpty ? [culprit.actor] : culprit.chain
        for (process, lead) in zip(chain.indices, TreeDrawing(depths: Array(chain.indices)).leads) {
            node(chain[process], after: process > 0 ? chain[process - 1] : nil, lead: lead, in: culprit)
        }
    }

    private mutating func node(
        _ process: ProcessDescription, after parent: ProcessDescription?,
        lead: (first: VisibleText, below: VisibleText),
        in culprit: Culprit
    ) {
        var first = [Span("  "), Span(lead.first, .dim), Span("\(process.key.pid) ")]
        first.append(Span(Phrases.comm(process), .strong))
        if let agent = process.agent, process.key == culprit.root.key || parent?.agent != process.agent {
            first.append(Span("  [agent \(VisibleText(escaping: agent.name, columns: 24))]", .agent))
        }
        if process.key == culprit.actor.key { first.append(Span("  ◀ did it", .bad)) }
        page.write(first)
        let below = [Span("  "), Span(lead.below, .dim), Span("     ")]
        if !process.argv.isEmpty {
            page.paragraph(lead: below, below: below, "$ " + Phrases.command(process, columns: 240))
        }
        page.paragraph(
            lead: below, below: below, Phrases.particulars(process, origin: incident.disruption.at, times), .dim)
        if let parent, let remark = remark(on: process, after: parent) {
            page.paragraph(lead: below, below: below, remark, .warning)
        }
    }

    /// How a process hangs on the one above it, where that is not what one would think.
    private func remark(on process: ProcessDescription, after parent: ProcessDescription) -> VisibleText? {
        if let via = request(of: process, by: parent) {
            let maker: VisibleText = process.parentPID.map { ", and made by pid \($0)" } ?? ""
            return "requested by the process above: \(VisibleText(escaping: via, columns: 100))\(maker)"
        }
        if let ppid = process.parentPID, ppid != parent.key.pid {
            return process.seenBy == .procfs
                ? "its parent now is pid \(ppid); that it belongs here comes from the evidence below"
                : "made by pid \(ppid) on request of the process above"
        }
        if let exit = parent.exit, exit.at < (process.exit?.at ?? incident.disruption.at),
            exit.at <= incident.disruption.at
        {
            return "an orphan: the process above had ended, the fork was observed"
        }
        return nil
    }

    /// What the process above asked for, where this one was started for that.
    private func request(of process: ProcessDescription, by requester: ProcessDescription) -> String? {
        for item in incident.evidence where item.kind == "request" && item.process?.key == requester.key {
            guard item.data["worker_pid"] == .integer(Int64(process.key.pid)), case .text(let via)? = item.data["via"]
            else { continue }
            return via
        }
        return nil
    }
}
