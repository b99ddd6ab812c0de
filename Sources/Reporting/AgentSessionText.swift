import Attribution
import EventModel

/// `agents list` for a person: a line a session, and below it what it holds, asked for, signalled, and left behind.
public enum AgentSessionText {
    public static func render(_ list: AgentSessionList, onlyLeftovers: Bool = false, style: Style = Style()) -> String {
        guard !list.sessions.isEmpty else {
            return onlyLeftovers
                ? "Nothing is left of a session that is over.\n"
                : "No agents: none is running, and none is known from the recorder.\n"
        }
        let times = WallClock(offset: list.wallOffset)
        let titles: [VisibleText] = [
            "AGENT", "SESSION", "PID", "SINCE (UTC)", "UNTIL", "NOW", "EVER", "FORKS", "CPU", "MEMORY",
        ]
        let rows = list.sessions.map { cells($0, times) }
        let widths = titles.indices.map { column in
            rows.reduce(titles[column].columns) { max($0, $1[column].text.columns) }
        }
        var page = Page(style)
        page.write(line(titles.map { Span($0, .dim) }, widths))
        for (session, row) in zip(list.sessions, rows) {
            page.write(line(row, widths))
            details(session, times, on: &page)
        }
        if list.omitted > 0 { page.paragraph("and \(list.omitted) more", .dim) }
        return page.text
    }

    private static func cells(_ session: AgentSession, _ times: WallClock) -> [Span] {
        let since = times.wall(session.since)
        let id = session.agent.sessionID.map { VisibleText(escaping: $0).shortened(to: 14) } ?? "-"
        return [
            Span(VisibleText(escaping: session.agent.name).shortened(to: 18), .agent), Span(id),
            Span("\(session.root.key.pid)", .strong), Span("\(since.dateText) \(since.timeText)"),
            Span(session.until.map { Phrases.clock($0, near: session.since, times) } ?? "-"),
            Span("\(session.alive)"), Span("\(session.ever)"), Span("\(session.forks)"),
            Span(session.usage.map { Phrases.length($0.cpu) } ?? "-"),
            Span(session.usage.map { Phrases.bytes($0.resident) } ?? "-"),
        ]
    }

    private static func line(_ cells: [Span], _ widths: [Int]) -> [Span] {
        zip(cells, widths).enumerated().flatMap { column, cell in
            [Span(column == 0 ? "" : "  "), Span(cell.0.text.padded(to: cell.1), cell.0.ink)]
        }
    }

    private static func details(_ session: AgentSession, _ times: WallClock, on page: inout Page) {
        func list(_ name: VisibleText, _ entries: [VisibleText], further: UInt64 = 0) {
            guard !entries.isEmpty else { return }
            let more: [VisibleText] = further > 0 ? ["and \(further) more"] : []
            page.paragraph(lead: [Span("    \(name) ", .dim)], VisibleText(entries + more, separator: ", "))
        }
        if let usage = session.usage, usage.swapped > 0 { list("swapped out", [Phrases.bytes(usage.swapped)]) }
        list("inside", session.outer.map { [VisibleText(escaping: $0.name, columns: 24)] } ?? [])
        list("holds", session.ports.map { "\($0.address) (\(name($0.comm)) \($0.pid))" })
        list("asked managers", session.requests.map(request), further: session.furtherRequests)
        list(
            "signalled others",
            session.signals.map { "\($0.signal.name) to \(name($0.comm)) (\($0.pid))\(repeated($0.count))" },
            further: session.furtherSignals)
        if session.countedSince > session.since {
            list("counted since", [Phrases.moment(session.countedSince, times)])
        }
        for left in session.leftovers { leftover(left, times, on: &page) }
    }

    private static func leftover(_ left: AgentSession.Leftover, _ times: WallClock, on page: inout Page) {
        let memory: VisibleText = left.usage.map { ", \(Phrases.bytes($0.resident))" } ?? ""
        let what: VisibleText =
            "\(Phrases.name(left.process)), since \(Phrases.moment(left.process.key.start, times))\(memory): "
        page.paragraph(
            lead: [Span("    left running ", .warning)], what + Phrases.command(left.process, columns: 120))
    }

    private static func request(_ request: AgentSession.Request) -> VisibleText {
        let unit: VisibleText = request.unit.map { " \(VisibleText(escaping: $0, columns: 48))" } ?? ""
        let whose: VisibleText = request.uid.map { " of user \($0)" } ?? ""
        let refused: VisibleText = request.refused > 0 ? " (\(request.refused) refused)" : ""
        return "\(request.verb)\(unit)\(whose)\(repeated(request.count))\(refused)"
    }

    private static func repeated(_ count: UInt64) -> VisibleText { count > 1 ? " ×\(count)" : "" }

    private static func name(_ comm: String) -> VisibleText {
        comm.isEmpty ? "(no name)" : VisibleText(escaping: comm, columns: 24)
    }
}
