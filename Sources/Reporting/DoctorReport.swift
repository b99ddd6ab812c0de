public import EventModel

/// What `culprit doctor` found: the host, the sources, and what to do about them.
public struct DoctorReport: Hashable, Sendable {
    public struct Fact: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var host: [Fact]
    public var sources: [SourceStatus]
    /// One piece of advice a string, the most important first.
    public var advice: [String]

    public init(host: [Fact], sources: [SourceStatus], advice: [String]) {
        self.host = host
        self.sources = sources
        self.advice = advice
    }
}

/// `culprit doctor` for a person.
public enum DoctorText {
    public static func render(_ report: DoctorReport, style: Style = Style()) -> String {
        var page = Page(style)
        page.heading("HOST")
        let names = report.host.map { VisibleText(escaping: $0.name).shortened(to: 28) }
        let nameColumns = names.map(\.columns).max() ?? 0
        for (fact, name) in zip(report.host, names) {
            page.paragraph(
                lead: [Span("  "), Span(name.padded(to: nameColumns), .dim), Span("  ")],
                VisibleText(escaping: fact.value, columns: 400))
        }
        let inactive = report.sources.count { $0.state != .active }
        page.heading(
            "SOURCES", inactive == 0 ? "all active" : "\(inactive) of \(report.sources.count) not fully active",
            ink: inactive == 0 ? .good : .warning)
        let sourceColumns = report.sources.map { min(32, VisibleText(escaping: $0.name).columns) }.max() ?? 0
        for source in report.sources { show(source, sourceColumns, on: &page) }
        page.heading("ADVICE", report.advice.isEmpty ? "nothing to do" : "", ink: .good)
        for advice in report.advice {
            page.paragraph(lead: [Span("  - ")], VisibleText(escaping: advice, columns: 800))
        }
        return page.text
    }

    private static func show(_ source: SourceStatus, _ nameColumns: Int, on page: inout Page) {
        let ink: Ink = source.state == .active ? .good : source.state == .missing ? .bad : .warning
        let name = VisibleText(escaping: source.name).shortened(to: nameColumns)
        let cost: VisibleText = source.state == .missing ? "; \(Phrases.cost(ofMissing: source.name))" : ""
        page.paragraph(
            lead: [
                Span("  "), Span(VisibleText(escaping: source.state.name).padded(to: 8), ink), Span("  "),
                Span(name.padded(to: nameColumns)), Span("  "),
            ], VisibleText(escaping: source.why, columns: 400) + cost)
    }
}

/// `culprit doctor --format json`: `{host: {name: value}, sources: [{name, state, why}], advice: [text]}`.
public enum DoctorJSON {
    public static func document(_ report: DoctorReport) -> JSONValue {
        // A second fact of the same name would make an object that readers disagree about.
        var seen: Set<String> = []
        let host = report.host.filter { seen.insert($0.name).inserted }
        return [
            "host": .object(host.map { JSONValue.Member(name: $0.name, value: .string($0.value)) }),
            "sources": .array(report.sources.map(IncidentJSON.source)),
            "advice": JSONValue(strings: report.advice),
        ]
    }
}
