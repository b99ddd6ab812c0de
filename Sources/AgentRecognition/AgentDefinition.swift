public import EventModel

/// By what an agent is known. Data, from YAML: see `agents/` in Configuration. A program's name alone (`comm`) is in none
/// of it: it is `node`, `MainThread` or a version.
public struct AgentDefinition: Hashable, Sendable {
    public var name: String
    /// Further names by which `AI_AGENT` and `AGENT` call it.
    public var called: [String]
    /// Resolved executable.
    public var exe: [Glob]
    /// Path as invoked: a symlink keeps the agent's name where the executable behind it is called `2.1.3`. Does not
    /// count for scripts, whose interpreter tells whether they are the agent's.
    public var path: [Glob]
    /// The words of argv joined by single spaces.
    public var argv: [Glob]
    /// An interpreter's name and the script or module it runs: `node /usr/bin/claude`, `python3 -m aider`. Later words
    /// are arguments, and a program that is given an agent's path is no agent.
    public var script: [Glob]
    /// What an interpreter shows as the first word of its argv once the program in it has named itself. Only what was
    /// not seen to execute is known by that.
    public var title: [Glob]
    /// Where not empty, a path or a script counts only with these arguments: other programs have the name as well.
    public var arguments: [Glob]
    /// Arguments with which the program is a tool and no agent: `--version`.
    public var unless: [Glob]
    /// Arguments with which it is a service that several sessions share, and not part of the one that started it.
    public var daemon: [Glob]
    /// Variables that the agent sets for what it starts; with a value, only that value counts. Set to nothing is not set.
    public var environment: [Marker]
    /// Units, the innermost service or scope of a process's cgroup, that are this agent's.
    public var units: [Glob]
    /// Variables that hold the session's id; the first that is set counts.
    public var sessionEnvironment: [String]

    public struct Marker: Hashable, Sendable {
        public var name: String
        public var value: String?

        public init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    public init(
        name: String, called: [String] = [], exe: [Glob] = [], path: [Glob] = [], argv: [Glob] = [],
        script: [Glob] = [], title: [Glob] = [], arguments: [Glob] = [], unless: [Glob] = [], daemon: [Glob] = [],
        environment: [Marker] = [], units: [Glob] = [], sessionEnvironment: [String] = []
    ) {
        self.name = name
        self.called = called
        self.exe = exe
        self.path = path
        self.argv = argv
        self.script = script
        self.title = title
        self.arguments = arguments
        self.unless = unless
        self.daemon = daemon
        self.environment = environment
        self.units = units
        self.sessionEnvironment = sessionEnvironment
    }

    /// Whether its program can be told from others: then a marker without it is a claim that lacks its proof.
    var hasProgram: Bool { !exe.isEmpty || !path.isEmpty || !argv.isEmpty || !script.isEmpty || !units.isEmpty }
}

/// By what an agent was recognised, the strongest first.
public enum Ground: String, Hashable, Sendable, CaseIterable, Comparable {
    case registration, env, exe, argv, cgroup, unit

    public static func < (a: Ground, b: Ground) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}
