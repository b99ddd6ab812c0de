import Attribution
import EventModel
import IncidentDetection

// Evidence and context in order, as seen from the disruption.
extension TextReport {
    /// So many rows of context at most; evidence is always shown.
    private static let contextRows = 60

    mutating func timeline() {
        let rows = rows()
        guard !rows.isEmpty else { return }
        page.heading("TIMELINE", "from the disruption; ● is evidence of the verdict", ink: .dim)
        let kept = kept(of: rows)
        let idColumns = min(8, rows.map { VisibleText(escaping: $0.id).columns }.max() ?? 0)
        let timeColumns = rows.map { Phrases.relative($0.at, to: incident.disruption.at).columns }.max() ?? 0
        var skipped = 0
        for (row, isKept) in zip(rows, kept) {
            guard isKept else {
                skipped += 1
                continue
            }
            leftOut(skipped)
            skipped = 0
            page.paragraph(
                lead: [
                    Span("  "),
                    Span(Phrases.relative(row.at, to: incident.disruption.at).rightAligned(to: timeColumns), .strong),
                    Span("  "), Span(VisibleText(escaping: row.id, columns: idColumns).padded(to: idColumns), .dim),
                    Span("  "), Span(VisibleText(escaping: row.source.name).padded(to: 8), .dim),
                    Span(row.rule == nil ? "  " : "● ", .bad),
                ], VisibleText(escaping: row.text, columns: 240), row.rule == nil ? .plain : .strong)
        }
        leftOut(skipped)
    }

    private mutating func leftOut(_ count: Int) {
        guard count > 0 else { return }
        page.paragraph(
            lead: [Span("  ")], "… \(Phrases.count(count, "row")) of context left out; the JSON has them", .dim)
    }

    /// The timeline, and what evidence it does not hold.
    private func rows() -> [Evidence] {
        let shown = Set(incident.timeline.map(\.id))
        let rows = incident.timeline + incident.evidence.filter { !shown.contains($0.id) }
        // By time; what happened at one moment stays in the order given.
        return rows.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// Every piece of evidence, and the context that is nearest to the disruption.
    private func kept(of rows: [Evidence]) -> [Bool] {
        var kept = rows.map { $0.rule != nil }
        let context = rows.indices.filter { rows[$0].rule == nil }
        let nearest = context.sorted { a, b in
            let (left, right) = (
                rows[a].at.distance(to: incident.disruption.at), rows[b].at.distance(to: incident.disruption.at)
            )
            return (left, a) < (right, b)
        }
        for index in nearest.prefix(Self.contextRows) { kept[index] = true }
        return kept
    }
}
