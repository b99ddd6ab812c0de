import AgentRecognition
import EventModel
import IncidentDetection
import Testing

@testable import Configuration

@Suite struct ConfigurationTests {
    @Test func defaultsAreTheContracts() {
        let configuration = Configuration()
        #expect(configuration.stateDirectory == "/var/lib/culprit")
        #expect(configuration.runtimeDirectory == "/run/culprit")
        #expect(configuration.recorderSize == 256 << 20)
        #expect(configuration.incidentsKept == 1000)
        #expect(configuration.settle == .seconds(2))
        #expect(configuration.watchedUnits.map(\.pattern) == ["*.service"])
        #expect(configuration.watchedProcesses.isEmpty)
        #expect(configuration.redactedNames.map(\.pattern) == ["*TOKEN*", "*SECRET*", "*PASSWORD*", "*KEY*"])
        #expect(configuration.redactedPatterns.isEmpty)
        #expect(configuration.recorded.isEmpty)
    }

    @Test func everyBuiltInAgentCanBeRead() throws {
        for source in BuiltInAgents.sources { #expect(try BuiltInAgents.definition(in: source) != nil) }
        #expect(
            Set(BuiltInAgents.definitions.map(\.name)) == [
                "claude-code", "codex", "gemini-cli", "cursor-agent", "copilot-cli", "opencode", "goose", "amp",
                "crush",
                "qwen-code", "auggie", "aider", "devin", "droid",
            ])
        #expect(BuiltInAgents.sources.count == 14)
    }

    private let everything = """
        state_dir: /s
        runtime_dir: /r
        recorder: { size: 64MiB }
        incidents: { keep: 7, settle: 500ms }
        watch:
          units: ["web.service", "user/*"]
          processes:
            - { name: kaval, exe: "*/node", argv: "*kaval*" }
        agents:
          - { name: orchestrator, exe: "/opt/orch/bin/*", env: ORCH_SESSION, session_env: ORCH_SESSION, unit: "orch-*.scope" }
          - { name: other, path: [a, b], argv: "x *", script: "node */x.js", env: ["A", "B=1"] }
        redact: { env: ["*PIN*"], patterns: ["x-*"] }
        """

    @Test func everyKey() throws {
        var configuration = Configuration()
        try configuration.add(yaml: everything, file: "f")
        #expect(configuration.stateDirectory == "/s" && configuration.runtimeDirectory == "/r")
        #expect(configuration.recorderSize == 64 << 20)
        #expect(configuration.incidentsKept == 7 && configuration.settle == .milliseconds(500))
        #expect(configuration.watchedUnits.map(\.pattern) == ["web.service", "user/*"])
        #expect(
            configuration.watchedProcesses == [
                ProcessWatch(name: "kaval", exe: try Glob("*/node"), argv: try Glob("*kaval*"))
            ])
        #expect(configuration.redactedNames.map(\.pattern) == ["*PIN*"])
        #expect(configuration.redactedPatterns.map(\.pattern) == ["x-*"])
        let agents = configuration.agents.prefix(2)
        #expect(configuration.configuredAgents == ["orchestrator", "other"])
        #expect(agents.first?.environment == [.init(name: "ORCH_SESSION")])
        #expect(agents.first?.sessionEnvironment == ["ORCH_SESSION"])
        #expect(agents.first?.units.map(\.pattern) == ["orch-*.scope"])
        #expect(agents.last?.environment == [.init(name: "A"), .init(name: "B", value: "1")])
        #expect(agents.last?.path.count == 2 && agents.last?.argv.count == 1 && agents.last?.script.count == 1)
    }

    @Test func whatWasRecordedIsReadBack() throws {
        var configuration = Configuration()
        try configuration.add(yaml: everything, file: "a")
        try configuration.add(yaml: "state_dir: /late\nincidents: {keep: 9}", file: "b")
        let again = try Configuration(recorded: configuration.recorded)
        #expect(again.stateDirectory == "/late" && again.incidentsKept == 9 && again.settle == .milliseconds(500))
        #expect(again.agents == configuration.agents && again.watchedProcesses == configuration.watchedProcesses)
        #expect(try Configuration(recorded: "").agents == Configuration().agents)
    }

    @Test func laterFilesWinAndAddAgentsAndProcesses() throws {
        var configuration = Configuration()
        try configuration.add(
            yaml: "watch: {processes: [{name: a, exe: x}]}\nagents: [{name: codex, exe: /mine}]", file: "1")
        try configuration.add(
            yaml: "watch: {units: [u], processes: [{name: b, argv: y}]}\nagents: [{name: codex, exe: /later}]",
            file: "2")
        #expect(configuration.watchedProcesses.map(\.name) == ["a", "b"])
        #expect(configuration.watchedUnits.map(\.pattern) == ["u"])
        #expect(configuration.agents.filter { $0.name == "codex" }.map { $0.exe.map(\.pattern) } == [["/later"]])
        #expect(configuration.agents.count == Configuration().agents.count)
        #expect(configuration.configuredAgents == ["codex"] && configuration.agents.first?.name == "codex")
    }

    @Test func moreVariablesThanFit() throws {
        let names = (0..<128).map { "\"V\($0)\"" }.joined(separator: ",")
        #expect(throws: ConfigurationError.self) {
            try Configuration(recorded: "agents: [{name: x, env: [\(names)]}]")
        }
        #expect(throws: ConfigurationError.self) {
            try Configuration(recorded: "agents: [{name: x, env: [\"A=\(String(repeating: "v", count: 126))\"]}]")
        }
    }

    @Test(
        arguments: [
            ("1", 1), ("1KiB", 1024), ("1K", 1024), ("2 MiB", 2 << 20), ("3M", 3 << 20), ("1GiB", 1 << 30),
            ("4G", 4 << 30),
        ] as [(String, UInt64)])
    func sizes(_ text: String, _ bytes: UInt64) throws {
        #expect(try Configuration(recorded: "recorder: {size: \(text)}").recorderSize == bytes)
    }

    @Test(
        arguments: [
            ("0", 0), ("2", 2_000_000_000), ("2s", 2_000_000_000), ("1 min", 60_000_000_000), ("5ms", 5_000_000),
            ("1h", 3_600_000_000_000),
        ] as [(String, UInt64)])
    func durations(_ text: String, _ nanoseconds: UInt64) throws {
        #expect(try Configuration(recorded: "incidents: {settle: \(text)}").settle.nanoseconds == nanoseconds)
    }

    @Test func emptyFilesSayNothing() throws {
        for yaml in ["", "\n", "# only a remark", "---", "~", "watch:", "agents: []", "watch: {units: []}"] {
            #expect(throws: Never.self) { _ = try Configuration(recorded: yaml) }
        }
    }
}
