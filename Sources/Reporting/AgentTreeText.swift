import Attribution
import EventModel

/// Draws agents' trees with box characters, two lines at most a process.
public enum AgentTreeText {
    public static func render(_ forest: AgentForest, style: Style = Style()) -> String {
        guard !forest.nodes.isEmpty else { return "No agents: none is running, and none is known from the recorder.\n" }
        let times = WallClock(offset: forest.wallOffset)
        let leads = TreeDrawing(depths: forest.nodes.map(\.depth)).leads
        var page = Page(style)
        var above: [AgentDescription?] = []
        for (node, lead) in zip(forest.nodes, leads) {
            let depth = min(max(0, node.depth), above.count)
            above.removeSubrange(depth...)
            if depth == 0, !page.text.isEmpty { page.blank() }
            let isMarked = node.process.agent != nil && (above.last ?? nil) != node.process.agent
            draw(node, lead, isMarked: isMarked, times, on: &page)
            above.append(node.process.agent)
        }
        return page.text
    }

    private static func draw(
        _ node: AgentForest.Node, _ lead: (first: VisibleText, below: VisibleText), isMarked: Bool, _ times: WallClock,
        on page: inout Page
    ) {
        let process = node.process
        var first = [Span(lead.first, .dim), Span("\(process.key.pid) ")]
        first.append(Span(Phrases.comm(process), process.exit == nil ? .strong : .dim))
        let state = Span(state(process), .dim)
        if isMarked, let agent = process.agent {
            first.append(Span("  [\(VisibleText(escaping: agent.name, columns: 24))]", .agent))
        }
        if let part = node.part { first.append(Span("  [\(VisibleText(escaping: part, columns: 24))]", .dim)) }
        if node.depth > TreeDrawing.deepest { first.append(Span("  depth \(node.depth)", .dim)) }
        let used = first.reduce(2) { $0 + $1.text.columns }
        let left = page.style.width - used - state.text.columns - 2
        let command = Phrases.command(process, columns: max(24, left)).shortened(to: max(24, left))
        if left >= 24 || process.argv.isEmpty {
            page.write(first + [Span("  "), state, Span("  "), Span(process.argv.isEmpty ? "" : command)])
        } else {
            page.write(first + [Span("  "), state])
            page.write([Span(lead.below, .dim), Span("   "), Span(command)])
        }
        if isMarked, let agent = process.agent {
            page.paragraph(lead: [Span(lead.below, .dim), Span("   ")], origin(of: agent, process, times), .dim)
        }
    }

    private static func state(_ process: ProcessDescription) -> VisibleText {
        guard let exit = process.exit else { return "running" }
        guard let status = exit.status else { return "ended" }
        return status.signal.map { "\($0.name)" } ?? "exit \(status.code ?? 0)"
    }

    private static func origin(of agent: AgentDescription, _ process: ProcessDescription, _ times: WallClock)
        -> VisibleText
    {
        var parts: [VisibleText] = ["since \(Phrases.moment(process.key.start, times))"]
        if let session = agent.sessionID { parts.append("session \(VisibleText(escaping: session, columns: 48))") }
        if let uid = process.uid { parts.append("uid \(uid)") }
        if let unit = process.unit { parts.append(VisibleText(escaping: unit, columns: 48)) }
        if !agent.recognisedBy.isEmpty { parts.append("recognised by \(agent.recognisedBy.joined(separator: ", "))") }
        return VisibleText(parts, separator: " · ")
    }
}

/// The same trees as JSON: an array of `{depth, process: PROCESS}`, a process before its children; with a `part` where it is
/// one of its agent.
public enum AgentTreeJSON {
    public static func document(_ forest: AgentForest) -> JSONValue {
        let times = WallClock(offset: forest.wallOffset)
        return .array(
            forest.nodes.map { node in
                let depth = JSONValue(node.depth)
                let process = IncidentJSON.process(node.process, times)
                return ["depth": depth, "part": JSONValue(node.part), "process": process]
            })
    }
}
