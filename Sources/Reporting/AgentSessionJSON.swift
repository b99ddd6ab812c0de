import Attribution
public import EventModel

/// `agents list` as JSON: an array, the oldest first.
public enum AgentSessionJSON {
    public static func document(_ list: AgentSessionList) -> JSONValue {
        let times = WallClock(offset: list.wallOffset)
        return .array(list.sessions.map { session($0, times) })
    }

    private static func session(_ session: AgentSession, _ times: WallClock) -> JSONValue {
        [
            "agent": IncidentJSON.agent(session.agent), "root": IncidentJSON.process(session.root, times),
            "outer": JSONValue(session.outer.map(IncidentJSON.agent)), "since": times.json(session.since),
            "until": JSONValue(session.until.map(times.json)), "counted_since": times.json(session.countedSince),
            "processes": ["now": JSONValue(session.alive), "ever": .unsigned(session.ever)],
            "forks": .unsigned(session.forks), "usage": JSONValue(session.usage.map(usage)),
            "ports": .array(
                session.ports.map { port in
                    [
                        "address": .string(port.address), "pid": JSONValue(port.pid), "comm": .string(port.comm),
                        "since": JSONValue(port.since.map(times.json)),
                    ]
                }),
            "requests": .array(session.requests.map { request($0, times) }),
            "further_requests": .unsigned(session.furtherRequests),
            "signals": .array(
                session.signals.map { signal in
                    [
                        "signal": JSONValue(signal.signal.rawValue), "pid": JSONValue(signal.pid),
                        "comm": .string(signal.comm), "count": .unsigned(signal.count),
                        "last_at": times.json(signal.last),
                    ]
                }),
            "further_signals": .unsigned(session.furtherSignals),
            "leftovers": .array(
                session.leftovers.map { left in
                    [
                        "process": IncidentJSON.process(left.process, times),
                        "usage": JSONValue(left.usage.map(usage)),
                    ]
                }),
        ]
    }

    private static func request(_ request: AgentSession.Request, _ times: WallClock) -> JSONValue {
        [
            "unit": JSONValue(request.unit), "manager": .string(request.uid == nil ? "system" : "user"),
            "uid": JSONValue(request.uid), "verb": .string(request.verb), "count": .unsigned(request.count),
            "refused": .unsigned(request.refused), "last_at": times.json(request.last),
        ]
    }

    private static func usage(_ usage: ResourceUse) -> JSONValue {
        [
            "rss": .unsigned(usage.resident), "swap": .unsigned(usage.swapped),
            "cpu_ns": .string(String(usage.cpu.nanoseconds)), "processes": JSONValue(usage.processes),
        ]
    }
}

extension AgentSessionJSON {
    /// The list of `document`.
    public static func list(_ document: JSONValue, wallOffset: WallOffset, omitted: Int) throws(DocumentError)
        -> AgentSessionList
    {
        let whole = DocumentReader(["sessions": document], offset: wallOffset)
        return AgentSessionList(
            sessions: try whole.list("sessions", session), wallOffset: wallOffset, omitted: omitted)
    }

    private static func session(_ reader: DocumentReader) throws(DocumentError) -> AgentSession {
        let counts = try reader.object("processes") { (counts) throws(DocumentError) in
            (now: try counts.number("now") as Int, ever: try counts.number("ever") as UInt64)
        }
        return AgentSession(
            agent: try reader.object("agent", IncidentJSON.agent),
            root: try reader.object("root", IncidentJSON.process),
            outer: try reader.optionalObject("outer", IncidentJSON.agent), since: try reader.time("since"),
            until: try reader.optionalTime("until"), countedSince: try reader.time("counted_since"),
            alive: counts.now, ever: counts.ever, forks: try reader.number("forks"),
            ports: try reader.list("ports") { (port) throws(DocumentError) in
                AgentSession.Port(
                    address: try port.text("address"), pid: try port.number("pid"), comm: try port.text("comm"),
                    since: try port.optionalTime("since"))
            },
            requests: try reader.list("requests", request), furtherRequests: try reader.number("further_requests"),
            signals: try reader.list("signals") { (signal) throws(DocumentError) in
                AgentSession.SentOutside(
                    signal: Signal(rawValue: try signal.number("signal")), pid: try signal.number("pid"),
                    comm: try signal.text("comm"), count: try signal.number("count"), last: try signal.time("last_at"))
            },
            furtherSignals: try reader.number("further_signals"),
            leftovers: try reader.list("leftovers") { (left) throws(DocumentError) in
                AgentSession.Leftover(
                    process: try left.object("process", IncidentJSON.process),
                    usage: try left.optionalObject("usage", usage))
            }, usage: try reader.optionalObject("usage", usage))
    }

    private static func request(_ reader: DocumentReader) throws(DocumentError) -> AgentSession.Request {
        AgentSession.Request(
            unit: try reader.optionalText("unit"), uid: try reader.optionalNumber("uid"), verb: try reader.text("verb"),
            count: try reader.number("count"), refused: try reader.number("refused"), last: try reader.time("last_at"))
    }

    private static func usage(_ reader: DocumentReader) throws(DocumentError) -> ResourceUse {
        guard let nanoseconds = UInt64(try reader.text("cpu_ns")) else { throw reader.error("cpu_ns", "is no number") }
        return ResourceUse(
            resident: try reader.number("rss"), swapped: try reader.number("swap"),
            cpu: Interval(nanoseconds: nanoseconds), processes: try reader.number("processes"))
    }
}
