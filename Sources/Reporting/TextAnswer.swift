public import Attribution
import EventModel
import IncidentDetection

/// The answer of `culprit who`: one screen, at most 24 lines.
public enum TextAnswer {
    /// Lines of at most `style.width` columns (at most 24 of them), each ended by a newline.
    public static func render(_ incident: Incident, style: Style = Style()) -> String {
        let times = WallClock(offset: incident.wallOffset)
        let verdict = incident.verdict
        let at = incident.disruption.at
        var page = Page(style)
        page.row(
            "", lines: 2, "\(Phrases.subject(incident.subject)) \(Phrases.verb(incident.disruption.kind))", .strong)
        page.row(
            "when", lines: 1,
            "\(Phrases.moment(at, times)) on \(VisibleText(escaping: incident.host.name, columns: 40))")
        page.row("what", lines: 2, Phrases.effect(incident.disruption))
        let systemd = incident.disruption.systemd.map(Phrases.systemd) ?? ""
        if !systemd.isEmpty { page.row("systemd", lines: 2, systemd) }
        page.row("who", lines: 1, Phrases.who(verdict), Phrases.ink(verdict.outcome))
        if let culprit = verdict.culprit {
            page.row("chain", lines: 3, Phrases.chain(culprit.chain.isEmpty ? [culprit.actor] : culprit.chain))
            if !culprit.actor.argv.isEmpty {
                page.row("did", lines: 2, "$ " + Phrases.command(culprit.actor, columns: page.bodyColumns * 2 - 30))
            }
        }
        page.row("summary", lines: 3, VisibleText(escaping: verdict.summary, columns: page.bodyColumns * 3 - 20))
        page.row(
            "how sure", lines: 2, "\(verdict.confidence.rawValue): \(Phrases.meaning(verdict))",
            Phrases.ink(verdict.confidence))
        let rules: VisibleText = verdict.rules.isEmpty ? "no rule led here" : "\(verdict.rules.joined(separator: ", "))"
        page.row("why", lines: 2, rules)
        notInvolved(verdict, on: &page)
        page.row(
            "coverage", lines: 1, Phrases.completeness(incident.completeness),
            Phrases.isComplete(incident.completeness) ? .dim : .warning)
        page.row("next", lines: 1, "culprit report \(VisibleText(escaping: incident.id, columns: 60))", .strong)
        return page.text
    }

    private static func notInvolved(_ verdict: Verdict, on page: inout Page) {
        guard !verdict.exonerated.isEmpty else { return }
        let agents = verdict.exonerated.prefix(3).map { Phrases.agent($0.agent) }
        let more: VisibleText = verdict.exonerated.count > 3 ? " and \(verdict.exonerated.count - 3) more" : ""
        page.row("not it", lines: 2, VisibleText(agents, separator: ", ") + more)
    }
}

extension Page {
    private static let labelColumns = 10

    /// Columns of a row beside its label.
    fileprivate var bodyColumns: Int { style.width - Self.labelColumns }

    /// A label, and at most so many lines of text beside it; without a label, the text alone.
    fileprivate mutating func row(_ label: VisibleText, lines: Int, _ body: VisibleText, _ ink: Ink = .plain) {
        let indent = label.isEmpty ? 0 : Self.labelColumns
        let wrapped = body.wrapped(to: style.width - indent - 1)
        for (position, line) in wrapped.prefix(lines).enumerated() {
            let isCut = position == lines - 1 && wrapped.count > lines
            write([
                Span((position == 0 ? label : "").padded(to: indent), .dim), Span(isCut ? line + "…" : line, ink),
            ])
        }
    }
}
