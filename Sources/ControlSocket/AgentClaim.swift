import EventModel
import Reporting

/// What a process says of the agent that it belongs to. Whether that is so, the daemon sees for itself.
public struct AgentClaim: Hashable, Sendable {
    /// The caller is the agent's own process (`agents run`), rather than a hook that the agent has started.
    public var isRoot: Bool
    public var agent: String?
    public var session: String?
    public var isOver: Bool
    public var hook: String

    public init(
        isRoot: Bool = false, agent: String? = nil, session: String? = nil, isOver: Bool = false, hook: String = ""
    ) {
        self.isRoot = isRoot
        self.agent = agent
        self.session = session
        self.isOver = isOver
        self.hook = hook
    }

    init(_ value: JSONValue) throws(ControlError) {
        self.init(
            isRoot: value["root"]?.flag ?? false, agent: value["agent"]?.text, session: value["session"]?.text,
            isOver: value["over"]?.flag ?? false, hook: value["hook"]?.text ?? "")
        if let agent, !Registration.isName(agent) { throw ControlError(.usage, "register", "that is no agent's name") }
        if let session, !Registration.isSession(session) {
            throw ControlError(.usage, "register", "that is no session's id")
        }
        guard hook.isEmpty || Registration.isName(hook) else {
            throw ControlError(.usage, "register", "that is no hook's name")
        }
        if isRoot, agent == nil { throw ControlError(.usage, "register", "the agent has no name") }
    }

    var members: [JSONValue.Member] {
        [
            .init(name: "root", value: .flag(isRoot)), .init(name: "agent", value: agent.map { .string($0) } ?? .null),
            .init(name: "session", value: session.map { .string($0) } ?? .null),
            .init(name: "over", value: .flag(isOver)), .init(name: "hook", value: .string(hook)),
        ]
    }
}
