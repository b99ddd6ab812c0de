import Attribution
import EventModel
import IncidentDetection

/// The table of `incidents list`.
public enum TextList {
    /// A heading and a line an incident, in the order given. Columns are as wide as they need to be; where the whole is wider
    /// than the style, the subject gives way. The id is last and never cut, for it is what one copies.
    public static func render(_ incidents: [IncidentSummary], style: Style = Style()) -> String {
        guard !incidents.isEmpty else {
            return "No incidents: no watched subject was disrupted in this period, as far as the recorder reaches.\n"
        }
        var rows = incidents.map(cells)
        let titles: [VisibleText] = [
            "TIME (UTC)", "SUBJECT", "DISRUPTION", "OUTCOME", "MECHANISM", "CONFIDENCE", "AGENT", "ID",
        ]
        var widths = titles.indices.map { column in
            rows.reduce(titles[column].columns) { max($0, $1[column].text.columns) }
        }
        let total = widths.reduce(0, +) + 2 * (widths.count - 1)
        if total > style.width {
            widths[1] = max(12, widths[1] - (total - style.width))
            for index in rows.indices {
                rows[index][1].text = VisibleText(escaping: incidents[index].subject.name).shortened(to: widths[1])
            }
        }
        var page = Page(style)
        page.write(line(titles.map { Span($0, .dim) }, widths))
        for row in rows { page.write(line(row, widths)) }
        return page.text
    }

    private static func cells(_ incident: IncidentSummary) -> [Span] {
        let wall = incident.wallOffset.wall(incident.disruption.at)
        return [
            Span("\(wall.dateText) \(wall.timeText)"),
            Span(VisibleText(escaping: incident.subject.name).shortened(to: 48), .strong),
            Span("\(incident.disruption.kind.rawValue)"),
            Span("\(incident.outcome.rawValue)", Phrases.ink(incident.outcome)),
            Span("\(incident.mechanism.rawValue)"),
            Span("\(incident.confidence.rawValue)", Phrases.ink(incident.confidence)),
            Span(incident.agent.map { VisibleText(escaping: $0.name).shortened(to: 20) } ?? "-", .agent),
            Span("\(incident.id)"),
        ]
    }

    private static func line(_ cells: [Span], _ widths: [Int]) -> [Span] {
        zip(cells, widths).enumerated().flatMap { column, cell in
            [Span(column == 0 ? "" : "  "), Span(cell.0.text.padded(to: cell.1), cell.0.ink)]
        }
    }
}

extension VisibleText {
    /// Cut to `width` columns, the last of them `…` where something is missing.
    func shortened(to width: Int) -> VisibleText {
        guard columns > width else { return self }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let next = used + Self.width(scalar)
            if next >= width { break }
            kept.append(scalar)
            used = next
        }
        return .part(kept) + "…"
    }
}
