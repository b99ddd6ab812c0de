public import EventModel

/// By what an agent is known. Data, from YAML: see `agents/` in Configuration.
public struct AgentDefinition: Hashable, Sendable {
    public var name: String
    /// Resolved executable.
    public var exe: [Glob]
    /// Path as invoked: a symlink keeps the agent's name where the executable behind it is called `2.1.3` or `node`.
    public var path: [Glob]
    /// The words of argv joined by single spaces.
    public var argv: [Glob]
    /// Variables that the agent sets for what it starts; with a value, only that value counts.
    public var environment: [Marker]
    /// Units, the innermost service or scope of a process's cgroup, that are this agent's.
    public var units: [Glob]
    /// Variable that holds the session's id.
    public var sessionEnvironment: String?

    public struct Marker: Hashable, Sendable {
        public var name: String
        public var value: String?

        public init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    public init(
        name: String, exe: [Glob] = [], path: [Glob] = [], argv: [Glob] = [], environment: [Marker] = [],
        units: [Glob] = [], sessionEnvironment: String? = nil
    ) {
        self.name = name
        self.exe = exe
        self.path = path
        self.argv = argv
        self.environment = environment
        self.units = units
        self.sessionEnvironment = sessionEnvironment
    }

    /// Whether the environment is one that this agent gives to what it starts.
    func marks(_ markers: [EnvironmentMarker]) -> Bool {
        environment.contains { wanted in
            markers.contains { $0.name == wanted.name && (wanted.value == nil || wanted.value == $0.value) }
        }
    }

    func sessionID(in markers: [EnvironmentMarker]) -> String? {
        guard let name = sessionEnvironment else { return nil }
        return markers.last { $0.name == name && !$0.value.isEmpty }?.value
    }
}

/// By what an agent was recognised, the strongest first.
public enum Ground: String, Hashable, Sendable, CaseIterable, Comparable {
    case registration, env, exe, argv, cgroup, unit

    public static func < (a: Ground, b: Ground) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}
