import ArgumentParser
import Attribution
import Collector
import Reporting

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "The report of one incident: what happened, who did it, the proof, what is not known.")

    @Argument(help: "An incident's id, the beginning of one, or latest.")
    var id = "latest"

    @Option(help: "text or json.")
    var format = OutputFormat.text

    @Option(name: .shortAndLong, help: "Write to this file instead of stdout.")
    var output: String?

    @OptionGroup var input: InputOptions

    func run() throws {
        let source = try IncidentSource(input)
        let (incident, json) = try source.incident(of: source.entry(id))
        let colour = output == nil && Terminal.hasColour
        let text =
            switch format {
            case .text:
                TextReport.render(incident, style: Style(colour: colour, width: output == nil ? Terminal.width : 100))
            case .json: json.pretty
            }
        if let output { try TextFile.write(text, to: output) } else { Terminal.result(text) }
        try source.complain()
    }
}
