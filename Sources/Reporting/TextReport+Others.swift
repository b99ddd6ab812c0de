import Attribution
import EventModel
import IncidentDetection

// Who else could have been meant, and was not.
extension TextReport {
    mutating func exonerated() {
        let exonerated = incident.verdict.exonerated
        guard !exonerated.isEmpty else { return }
        page.heading("NOT INVOLVED", Phrases.count(exonerated.count, "agent"))
        for exoneration in exonerated {
            let root = exoneration.root
            page.paragraph(
                lead: [Span("  "), Span(Phrases.agent(exoneration.agent), .agent), Span("  ")], hanging: 4,
                "\(Phrases.name(root)), started \(Phrases.clock(root.key.start, near: incident.disruption.at, times))")
            let evidence: VisibleText =
                exoneration.evidence.isEmpty ? "" : " [\(exoneration.evidence.joined(separator: " "))]"
            page.paragraph(lead: [Span("    ")], VisibleText(escaping: exoneration.why, columns: 400) + evidence)
        }
    }

    mutating func alternatives() {
        let alternatives = incident.verdict.alternatives
        guard !alternatives.isEmpty else { return }
        page.heading("OTHER READINGS", "considered, not chosen")
        for alternative in alternatives {
            var what: VisibleText = "\(alternative.outcome.rawValue) · \(alternative.mechanism.rawValue)"
            if let culprit = alternative.culprit {
                let agent: VisibleText = culprit.agent.map { "\(Phrases.agent($0)): " } ?? ""
                what += "  \(agent)\(Phrases.chain(culprit.chain.isEmpty ? [culprit.actor] : culprit.chain))"
            }
            page.paragraph(lead: [Span("  ")], hanging: 4, what)
            page.paragraph(
                lead: [Span("    "), Span("why not: ", .dim)], VisibleText(escaping: alternative.whyNot, columns: 400))
        }
    }

    mutating func memory() {
        guard let oom = incident.oom else { return }
        let limit: VisibleText = oom.limitBytes.map { ", limit \(Phrases.bytes($0))" } ?? ""
        switch oom.scope {
        case .memcg: page.heading("OUT OF MEMORY", "in a memory cgroup\(limit)")
        case .global: page.heading("OUT OF MEMORY", "on the whole host\(limit)")
        case nil: page.heading("OUT OF MEMORY", "no source says whether in a cgroup or on the whole host\(limit)")
        }
        role("victim", "was killed", oom.victim)
        role("trigger", "its allocation set it off", oom.trigger)
        role("hog", "its tree held the memory", oom.hog)
        for tree in oom.trees.sorted(by: { $0.rssBytes > $1.rssBytes }).prefix(12) {
            let share =
                Int(exactly: (tree.share * 1000).rounded()).map { VisibleText("\($0 / 10).\(abs($0 % 10)) %") } ?? "?"
            let agent: VisibleText = tree.agent.map { "  [agent \(VisibleText(escaping: $0.name, columns: 24))]" } ?? ""
            page.paragraph(
                lead: [
                    Span("  "), Span(Phrases.bytes(tree.rssBytes).rightAligned(to: 10)), Span("  "),
                    Span(share.rightAligned(to: 7), .dim), Span("  "),
                ], "tree of \(Phrases.name(tree.root))\(agent)")
        }
    }

    private mutating func role(_ role: VisibleText, _ meaning: VisibleText, _ process: ProcessDescription?) {
        let unit: VisibleText = (process?.unit).map { ", \(VisibleText(escaping: $0, columns: 50))" } ?? ""
        page.paragraph(
            lead: [Span("  "), Span(role.padded(to: 9), .strong)],
            process.map { "\(Phrases.name($0))\(unit): \(meaning)" } ?? "not known")
    }
}
