import ArgumentParser
import Glibc

/// The command line: one subcommand a file.
@main
struct Culprit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "culprit",
        abstract: "Names the process tree that disrupted production, with proof; or says that it does not know.",
        version: Version.text,
        subcommands: [
            DaemonCommand.self, RecordCommand.self, LiveCommand.self, WhoCommand.self, IncidentsCommand.self,
            ReportCommand.self,
            AgentsCommand.self, StatusCommand.self, DoctorCommand.self, CheckConfigCommand.self,
        ])

    static func main() {
        Terminal.holdClosedStreams()
        InheritedSignals.ignorePipe()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Failure.report(error, isLenient: AgentsRegisterCommand.isLenient(CommandLine.arguments))
        }
    }
}
