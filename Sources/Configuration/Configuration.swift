public import AgentRecognition
public import EventModel
public import IncidentDetection

/// What is in force: the defaults, then `/etc/culprit/culprit.yaml`, then each file of `culprit.d`, in the order of names.
public struct Configuration: Sendable {
    public var stateDirectory = "/var/lib/culprit"
    public var runtimeDirectory = "/run/culprit"
    /// Hard cap of the flight recorder on disk, in bytes.
    public var recorderSize: UInt64 = 256 << 20
    public var incidentsKept = 1000
    /// How long after a disruption its consequences are awaited before it is judged.
    public var settle = Interval.seconds(2)
    public var watchedUnits: [UnitPattern] = []
    public var watchedProcesses: [ProcessWatch] = []
    /// The configured ones, then those that are built in: where several fit, the first counts.
    public private(set) var agents: [AgentDefinition] = []
    /// Names of those that a file has added or replaced.
    public private(set) var configuredAgents: [String] = []
    public var redactedNames: [Glob] = []
    public var redactedPatterns: [Glob] = []
    /// The YAML that was read, in order, without the built-in part; goes into every recording.
    public private(set) var documents: [String] = []

    /// As many variables of agents the kernel programs look for.
    static let mostVariables = 128
    public static let defaultPath = "/etc/culprit/culprit.yaml"

    /// The defaults of the contract, with the built-in agents.
    public init() {
        watchedUnits = ["*.service"].compactMap { try? UnitPattern($0) }
        redactedNames = Self.globs(["*TOKEN*", "*SECRET*", "*PASSWORD*", "*KEY*"])
        agents = BuiltInAgents.definitions
    }

    /// Adds the agent in front of the built-in ones; one of that name goes.
    mutating func replaceAgent(_ agent: AgentDefinition) {
        agents.removeAll { $0.name == agent.name }
        configuredAgents.removeAll { $0 == agent.name }
        agents.insert(agent, at: configuredAgents.count)
        configuredAgents.append(agent.name)
    }

    private static func globs(_ patterns: [String]) -> [Glob] { patterns.compactMap { try? Glob($0) } }

    /// Takes in one YAML text, or nothing of it where it holds an error. `file` is for messages.
    public mutating func add(yaml: String, file: String) throws(ConfigurationError) {
        var changed = self
        try ConfigurationReader(file: file).read(yaml, into: &changed)
        changed.documents.append(yaml)
        self = changed
    }

    /// All that was read, as one text of several YAML documents; `init(recorded:)` takes it back.
    public var recorded: String { documents.joined(separator: "\n---\n") }

    public init(recorded: String) throws(ConfigurationError) {
        self.init()
        if !recorded.isEmpty { try add(yaml: recorded, file: "the recording's configuration") }
    }
}

/// A configuration that cannot be used: where, and why.
public struct ConfigurationError: Error, Hashable, Sendable {
    public var file: String
    /// From 1 on; 0 where the whole file is meant.
    public var line: Int
    /// `watch.processes`, for example; empty for the whole file.
    public var key: String
    public var why: String

    public init(file: String, line: Int = 0, key: String = "", why: String) {
        self.file = file
        self.line = line
        self.key = key
        self.why = why
    }

    /// `FILE:LINE: KEY: why`.
    public var message: String {
        file + (line > 0 ? ":\(line)" : "") + ": " + (key.isEmpty ? "" : "\(key): ") + why
    }
}
