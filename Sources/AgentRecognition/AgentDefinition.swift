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
    /// An interpreter's name and the script it runs, the first word of argv that is no option: `node /usr/bin/claude`.
    /// Later words are arguments, and a program that is given an agent's path is no agent.
    public var script: [Glob]
    /// Variables that the agent sets for what it starts; with a value, only that value counts. Set to nothing is not set.
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
        name: String, exe: [Glob] = [], path: [Glob] = [], argv: [Glob] = [], script: [Glob] = [],
        environment: [Marker] = [],
        units: [Glob] = [], sessionEnvironment: String? = nil
    ) {
        self.name = name
        self.exe = exe
        self.path = path
        self.argv = argv
        self.script = script
        self.environment = environment
        self.units = units
        self.sessionEnvironment = sessionEnvironment
    }

    /// Whether the environment is one that this agent gives to what it starts.
    func marks(_ markers: [EnvironmentMarker]) -> Bool {
        environment.contains { wanted in
            markers.contains { marker in
                marker.name == wanted.name && (wanted.value ?? marker.value) == marker.value && !marker.value.isEmpty
            }
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
