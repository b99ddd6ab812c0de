import Attribution
import EventModel
import IncidentDetection

// What the collector did not see, and what that costs.
extension TextReport {
    mutating func completeness() {
        let completeness = incident.completeness
        let isComplete = Phrases.isComplete(completeness)
        page.heading("COMPLETENESS", Phrases.completeness(completeness), ink: isComplete ? .good : .warning)
        if completeness.lostEvents > 0 {
            page.paragraph(
                lead: [Span("  lost      ", .warning)],
                "\(Phrases.count(completeness.lostEvents, "event")) in the window")
        }
        for gap in completeness.gaps { show(gap) }
        for source in completeness.sources where source.state != .active { show(source) }
        let active = completeness.sources.filter { $0.state == .active }
        if !active.isEmpty, !isComplete {
            page.paragraph(
                lead: [Span("  active    ", .dim)], "\(active.map(\.name).joined(separator: ", "))", .dim)
        }
        if !completeness.gaps.isEmpty || completeness.lostEvents > 0 {
            page.paragraph(
                lead: [Span("  it costs  ", .warning)],
                "an act that fell into a gap left no trace here: that nothing is shown proves nothing for that time")
        }
    }

    private mutating func show(_ gap: Gap) {
        let at = incident.disruption.at
        let span: VisibleText =
            "\(Phrases.clock(gap.from, near: at, times)) to \(Phrases.clock(gap.to, near: at, times)) UTC"
        let relative: VisibleText = "(\(Phrases.relative(gap.from, to: at)) to \(Phrases.relative(gap.to, to: at)))"
        let lost: VisibleText = gap.lost > 0 ? ", \(Phrases.count(gap.lost, "event")) lost" : ""
        page.paragraph(
            lead: [Span("  gap       ", .warning)],
            "\(VisibleText(escaping: gap.source, columns: 40)), \(span) \(relative)\(lost): "
                + VisibleText(escaping: gap.why, columns: 200))
    }

    private mutating func show(_ source: SourceStatus) {
        let name = VisibleText(escaping: source.name, columns: 40)
        let cost: VisibleText = source.state == .missing ? "; \(Phrases.cost(ofMissing: source.name))" : ""
        page.paragraph(
            lead: [Span("  \(VisibleText("\(source.state.name)").padded(to: 10))", .warning)],
            "\(name): \(VisibleText(escaping: source.why, columns: 200))\(cost)")
    }
}
