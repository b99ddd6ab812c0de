import AgentRecognition
import ArgumentParser
import Attribution
import Collector
import Configuration
import EventModel
import FlightRecorder
import ProcessTracking
import Reporting

struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "AI coding agents and their process trees.", subcommands: [Tree.self],
        defaultSubcommand: Tree.self)

    struct Tree: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tree",
            abstract: "Every agent with all that descends from it; now, or at the end of a recording.")

        @Option(help: "text or json.")
        var format = OutputFormat.text

        @Flag(help: "Processes that have ended, too.")
        var all = false

        @Option(name: .customLong("from"), help: "Read this recording instead of looking at this host.")
        var file: String?

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            guard let file else { return try show(LookAround.now(options.load())) }
            let replay = try Replay(path: file)
            show(replay.pipeline)
        }

        private func show(_ pipeline: borrowing Pipeline) {
            let forest = AgentTrees.forest(pipeline, includingEnded: all)
            switch format {
            case .text:
                Terminal.result(
                    AgentTreeText.render(forest, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
            case .json: Terminal.result(AgentTreeJSON.document(forest).pretty)
            }
        }
    }
}

/// The host as it is at this moment, without watching it.
enum LookAround {
    static func now(_ configuration: Configuration) throws -> Pipeline {
        var pipeline = Pipeline(configuration, ring: try FlightRing(floodBytes: 4 << 20, decisiveBytes: 1 << 20))
        _ = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: Version.text, preference: .procfs
        ) { record, event in pipeline.consume(record, event) }
        return pipeline
    }
}
