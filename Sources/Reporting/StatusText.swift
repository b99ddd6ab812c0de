/// The answer of `culprit status`: how the daemon is.
public enum StatusText {
    /// `status` is what the daemon says of itself; what it does not say is left out.
    public static func render(_ status: JSONValue, style: Style = Style()) -> String {
        var page = Page(style)
        let version = VisibleText(escaping: status["version"]?.text ?? "", columns: 32)
        let pid: VisibleText = status["pid"]?.number(Int64.self).map { ", pid \($0)" } ?? ""
        let since: VisibleText =
            status["started_at"]?.text.map { ", since \(VisibleText(escaping: $0, columns: 40))" } ?? ""
        page.write([Span("culprit \(version) runs", .good), Span("\(pid)\(since)")])
        let lost = status["lost_events"]?.number(UInt64.self) ?? 0
        let records: VisibleText = "\(status["records"]?.number(UInt64.self) ?? 0) records, \(lost) lost"
        page.paragraph(lead: [Span("  recorded   ", .dim)], records, lost > 0 ? .warning : .plain)
        incidents(status["incidents"] ?? .null, on: &page)
        sources(status["sources"]?.items ?? [], on: &page)
        return page.text
    }

    private static func incidents(_ incidents: JSONValue, on page: inout Page) {
        let path = VisibleText(escaping: incidents["path"]?.text ?? "", columns: 200)
        page.paragraph(
            lead: [Span("  incidents  ", .dim)], "\(incidents["stored"]?.number(Int64.self) ?? 0) in \(path)")
        let waiting = incidents["waiting"]?.number(Int64.self) ?? 0
        let dropped = incidents["dropped"]?.number(Int64.self) ?? 0
        if waiting > 0 { page.paragraph(lead: [Span("  waiting    ", .warning)], "\(waiting) are not stored yet") }
        if dropped > 0 { page.paragraph(lead: [Span("  lost       ", .bad)], "\(dropped) could not be stored") }
        if let trouble = incidents["trouble"]?.text {
            page.paragraph(lead: [Span("  trouble    ", .bad)], VisibleText(escaping: trouble, columns: 400))
        }
    }

    private static func sources(_ sources: [JSONValue], on page: inout Page) {
        for source in sources where source["state"]?.text != "active" {
            let name = VisibleText(escaping: source["name"]?.text ?? "", columns: 40)
            let state = VisibleText(escaping: source["state"]?.text ?? "", columns: 10)
            page.paragraph(
                lead: [Span("  \(state.padded(to: 10)) ", .warning)],
                "\(name): \(VisibleText(escaping: source["why"]?.text ?? "", columns: 200))")
        }
        let active = sources.filter { $0["state"]?.text == "active" }.compactMap { $0["name"]?.text }
        if !active.isEmpty {
            page.paragraph(lead: [Span("  active     ", .dim)], "\(active.joined(separator: ", "))", .dim)
        }
    }
}
