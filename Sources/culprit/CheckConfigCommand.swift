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
        let agents = configuration.agents.map(\.name).sorted().joined(separator: " ")
        let lines =
            [
                "state_dir: \(configuration.stateDirectory)", "runtime_dir: \(configuration.runtimeDirectory)",
                "recorder.size: \(configuration.recorderSize) bytes", "incidents.keep: \(configuration.incidentsKept)",
                "incidents.settle: \(configuration.settle.seconds) s",
                "watch.units: \(configuration.watchedUnits.map(\.pattern).joined(separator: " "))", "watch.processes:",
            ] + watched + [
                "agents: \(Visible.line(agents))",
                "redact.env: \(configuration.redactedNames.map(\.pattern).joined(separator: " "))",
                "redact.patterns: \(configuration.redactedPatterns.map(\.pattern).joined(separator: " "))",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
