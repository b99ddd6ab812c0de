import AgentRecognition
import ArgumentParser
import Configuration
import EventModel
import IncidentDetection
import Reporting

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Says what is in force, or which file, line and key is wrong.")

    @Argument(help: "Check this file instead of /etc/culprit/culprit.yaml and culprit.d.")
    var file: String?

    func run() throws {
        var options = ConfigurationOptions()
        options.file = file
        let configuration = try options.load()
        Terminal.result(Self.describe(configuration))
    }

    private static func describe(_ configuration: Configuration) -> String {
        let watched = configuration.watchedProcesses.map { watch in
            "  \(Visible.line(watch.name)): exe \(watch.exe?.pattern ?? "any"), argv \(watch.argv?.pattern ?? "any")"
        }
        let lines =
            [
                "state_dir: \(configuration.stateDirectory)", "runtime_dir: \(configuration.runtimeDirectory)",
                "recorder.size: \(configuration.recorderSize) bytes", "incidents.keep: \(configuration.incidentsKept)",
                "incidents.settle: \(configuration.settle.seconds) s",
                "watch.units: \(configuration.watchedUnits.map(\.pattern).joined(separator: " "))", "watch.processes:",
            ] + watched + [
                "agents:"
            ] + configuration.agents.map { describe($0, configuration) } + [
                "redact.env: \(configuration.redactedNames.map(\.pattern).joined(separator: " "))",
                "redact.patterns: \(configuration.redactedPatterns.map(\.pattern).joined(separator: " "))",
            ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where the definition is from, and by what that agent is known.
    private static func describe(_ agent: AgentDefinition, _ configuration: Configuration) -> String {
        let programs = [
            ("exe", agent.exe), ("path", agent.path), ("argv", agent.argv), ("script", agent.script),
            ("title", agent.title), ("arguments", agent.arguments), ("unless", agent.unless), ("daemon", agent.daemon),
            ("unit", agent.units),
        ].filter { !$0.1.isEmpty }.map { name, globs in
            "    \(name): \(globs.map { Visible.line($0.pattern.isEmpty ? "\"\"" : $0.pattern) }.joined(separator: ", "))"
        }
        let environment = agent.environment.map { $0.name + ($0.value.map { "=\($0)" } ?? "") }
        let variables = [("env", environment), ("session_env", agent.sessionEnvironment), ("called", agent.called)]
            .filter { !$0.1.isEmpty }
            .map { name, words in "    \(name): \(words.map { Visible.line($0) }.joined(separator: ", "))" }
        let origin = configuration.configuredAgents.contains(agent.name) ? "configured" : "built in"
        return (["  \(Visible.line(agent.name)) (\(origin))"] + programs + variables).joined(separator: "\n")
    }
}
