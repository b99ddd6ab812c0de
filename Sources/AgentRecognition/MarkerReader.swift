public import EventModel

/// What the markers of an environment say: which agent gave it to what it started. A marker is evidence and no proof: it
/// may be inherited by what is nobody's any more, or be set by anybody.
public struct MarkerReader: Sendable {
    /// An agent by a variable of an environment.
    public struct Claim: Hashable, Sendable {
        public var agent: String
        /// The variable by which it is known.
        public var variable: String
        public var session: String?
    }

    private let definitions: [AgentDefinition]
    /// Index of the definition that a name of `AI_AGENT` means.
    private var byName: [String: Int] = [:]

    /// Generic markers, where no definition's own is met: the value names the agent.
    static let generic = ["AI_AGENT", "AGENT"]
    /// The session of an agent that only a generic marker names.
    static let genericSession = ["AI_AGENT_SESSION_ID"]

    init(_ definitions: [AgentDefinition]) {
        self.definitions = definitions
        for (index, definition) in definitions.enumerated() {
            for name in [definition.name] + definition.called where byName[name] == nil { byName[name] = index }
        }
    }

    /// Names of the variables that have to be seen.
    var names: [String] {
        let names = definitions.flatMap { $0.environment.map(\.name) + $0.sessionEnvironment }
        return Array(Set(names + Self.generic + Self.genericSession)).sorted()
    }

    /// The first definition that has a marker here, or the agent that a generic one names.
    public func claim(_ markers: [EnvironmentMarker]) -> Claim? {
        for definition in definitions {
            guard let variable = Self.marker(of: definition, in: markers) else { continue }
            return Claim(
                agent: definition.name, variable: variable, session: session(of: definition.name, in: markers))
        }
        for variable in Self.generic {
            guard let value = markers.last(where: { $0.name == variable })?.value, !value.isEmpty,
                let agent = agent(called: value, isKnownOnly: variable == "AGENT")
            else { continue }
            return Claim(agent: agent, variable: variable, session: session(of: agent, in: markers))
        }
        return nil
    }

    /// The id of the session by the agent's own variable.
    func session(of agent: String, in markers: [EnvironmentMarker]) -> String? {
        let names = byName[agent].map { definitions[$0].sessionEnvironment } ?? []
        for name in names + Self.genericSession {
            if let value = markers.last(where: { $0.name == name && !$0.value.isEmpty })?.value { return value }
        }
        return nil
    }

    /// Whether programs of that agent can be told from others.
    func hasProgram(_ agent: String) -> Bool { byName[agent].map { definitions[$0].hasProgram } ?? false }

    private static func marker(of definition: AgentDefinition, in markers: [EnvironmentMarker]) -> String? {
        definition.environment.first { wanted in
            markers.contains { marker in
                marker.name == wanted.name && (wanted.value ?? marker.value) == marker.value && !marker.value.isEmpty
            }
        }?.name
    }

    /// Build servers, monitors and scripts use `AGENT` for agents of other kinds: there a name has to be known. Some add
    /// their version: `claude-code_2-1-263_agent`, `devin@1`.
    private func agent(called value: String, isKnownOnly: Bool) -> String? {
        let unversioned = String(value.prefix { $0 != "@" && $0 != "/" })
        for name in [value, unversioned, String(unversioned.prefix { $0 != "_" })] {
            if let index = byName[name] { return definitions[index].name }
            if Self.contractNames.contains(name) { return name }
        }
        return !isKnownOnly && Self.isPlain(unversioned) ? unversioned : nil
    }

    /// Names that an agent has also where the configuration has no definition of it.
    private static let contractNames: Set<String> = [
        "claude-code", "codex", "gemini-cli", "cursor-agent", "copilot-cli", "opencode", "goose", "amp", "crush",
        "qwen-code", "auggie", "aider", "devin", "droid",
    ]

    private static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 64 && name.unicodeScalars.contains { $0.properties.isAlphabetic }
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }
}
