import ArgumentParser
import ControlSocket
import Daemon
import Reporting

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Whether the daemon runs, and how it is; exit 3 when it does not run.")

    @Option(help: "text or json.")
    var format = OutputFormat.text

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let daemon = DaemonAccess(try options.load())
        guard let status = try daemon.ask(.status) else {
            throw Failure(
                code: .notRunning, what: "daemon",
                why: "it does not run: nothing listens at \(daemon.directories.socket)",
                remedy: "systemctl start culprit; culprit record captures to a file without it")
        }
        switch format {
        case .text:
            Terminal.result(StatusText.render(status, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
        case .json: Terminal.result(status.pretty)
        }
    }
}
