import Reporting

/// What a client may ask of the daemon: one line of JSON on a connection of its own,
///
///     {"v":1,"ask":"incident","id":"20261121T04"}
///
/// answered by one line (`ControlReply`), after which the daemon closes. Only `live` goes on: its lines follow, as they
/// are to be shown, until the client closes.
public enum ControlRequest: Hashable, Sendable {
    /// `{pid, version, started_at, ...}`
    case status
    /// `[{entry, wall_offset}]`, oldest first; the entries of `incidents list`.
    case incidents
    /// `{document, wall_offset}`; by id, the beginning of one, or `latest`.
    case incident(id: String)
    /// Adds a note to an incident; `{id, revision}`.
    case annotate(id: String, text: String)
    /// `{wall_offset, truncated, nodes: [{depth, process}]}`: agents' trees now.
    case agents(includingEnded: Bool)
    /// `{wall_offset, omitted, sessions, members: [[pid, start_ns, ...]]}`: agents' runs, and of each its living processes.
    case sessions(all: Bool, onlyLeftovers: Bool)
    /// Who holds a port, and who was refused it: the fields of `PortReport`.
    case port(UInt16)
    case live(LiveFilter)
    /// Which agent, and which session of it, the caller works for; `{agent, pid, session}` as it is now kept.
    case register(AgentClaim)

    /// Which events, and in which form.
    public struct LiveFilter: Hashable, Sendable {
        public var isJSON: Bool
        /// Only what this agent's trees do.
        public var agent: String?
        /// A pattern for units.
        public var unit: String?

        public init(isJSON: Bool = false, agent: String? = nil, unit: String? = nil) {
            self.isJSON = isJSON
            self.agent = agent
            self.unit = unit
        }
    }

    /// Version of the requests and replies here.
    public static let version = 1
    /// Longest line of a request, in bytes.
    public static let longest = 16_384
    /// Longest id or pattern, in bytes.
    static let longestWord = 512
}

extension ControlRequest {
    /// Reads one line, without its newline. Total: anything else is an error that says why.
    public init(line: some Sequence<UInt8>) throws(ControlError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: line) } catch {
            throw ControlError(.usage, "request", "it is no JSON: \(error.why) at byte \(error.offset)")
        }
        guard let version = value["v"]?.number(Int.self) else {
            throw ControlError(.usage, "request", "it does not say its version (v)")
        }
        guard version == Self.version else {
            throw ControlError(
                .usage, "request", "this daemon speaks version \(Self.version) of the protocol, not \(version)")
        }
        guard let ask = value["ask"]?.text else {
            throw ControlError(.usage, "request", "it does not say what it asks for (ask)")
        }
        switch ask {
        case "status": self = .status
        case "incidents": self = .incidents
        case "incident": self = .incident(id: try Self.word(value, "id"))
        case "annotate":
            self = .annotate(id: try Self.word(value, "id"), text: try Self.word(value, "text", limit: 4096))
        case "agents": self = .agents(includingEnded: value["all"]?.flag ?? false)
        case "sessions":
            self = .sessions(all: value["all"]?.flag ?? false, onlyLeftovers: value["leftovers"]?.flag ?? false)
        case "port":
            guard let port = value["port"]?.number(UInt16.self) else {
                throw ControlError(.usage, "request", "port is no number of a port")
            }
            self = .port(port)
        case "register": self = .register(try AgentClaim(value))
        case "live":
            self = .live(
                LiveFilter(
                    isJSON: value["json"]?.flag ?? false, agent: try Self.optionalWord(value, "agent"),
                    unit: try Self.optionalWord(value, "unit")))
        default: throw ControlError(.usage, "request", "this daemon does not know how to answer it")
        }
    }

    private static func word(_ value: JSONValue, _ name: String, limit: Int = longestWord) throws(ControlError)
        -> String
    {
        guard let word = value[name]?.text, !word.isEmpty else {
            throw ControlError(.usage, "request", "\(name) is missing")
        }
        guard word.utf8.count <= limit else {
            throw ControlError(.usage, "request", "\(name) is longer than \(limit) bytes")
        }
        return word
    }

    private static func optionalWord(_ value: JSONValue, _ name: String) throws(ControlError) -> String? {
        guard let member = value[name], !member.isNull else { return nil }
        return try word(value, name)
    }

    /// The line that `init(line:)` reads, with its newline.
    public var line: String {
        var members: [JSONValue.Member] = [.init(name: "v", value: .integer(Int64(Self.version)))]
        func add(_ name: String, _ value: JSONValue) { members.append(.init(name: name, value: value)) }
        switch self {
        case .status: add("ask", "status")
        case .incidents: add("ask", "incidents")
        case .incident(let id):
            add("ask", "incident")
            add("id", .string(id))
        case .annotate(let id, let text):
            add("ask", "annotate")
            add("id", .string(id))
            add("text", .string(text))
        case .agents(let includingEnded):
            add("ask", "agents")
            add("all", .flag(includingEnded))
        case .sessions(let all, let onlyLeftovers):
            add("ask", "sessions")
            add("all", .flag(all))
            add("leftovers", .flag(onlyLeftovers))
        case .port(let port):
            add("ask", "port")
            add("port", .integer(Int64(port)))
        case .register(let claim):
            add("ask", "register")
            members += claim.members
        case .live(let filter):
            add("ask", "live")
            add("json", .flag(filter.isJSON))
            if let agent = filter.agent { add("agent", .string(agent)) }
            if let unit = filter.unit { add("unit", .string(unit)) }
        }
        return JSONValue.object(members).compact + "\n"
    }
}
