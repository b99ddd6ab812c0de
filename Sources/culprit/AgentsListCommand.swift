import ArgumentParser
import Collector
import ControlSocket
import Daemon
import EventModel
import FlightRecorder
import ProcFS
import Reporting

struct AgentsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Sessions of agents, alive and of the last hour: their processes, what they hold, and what they did.",
        discussion: "Memory and CPU are what /proc says at this moment; a recording has none.")

    @Option(help: "table or json.")
    var format = Format.table

    @Flag(help: "Those that ended earlier, too.")
    var all = false

    @Flag(help: "Only what sessions that are over have left running.")
    var orphans = false

    @OptionGroup var input: InputOptions

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    func run() throws {
        let selection = AgentSessions.Selection(all: all, onlyLeftovers: orphans)
        if let file = input.file {
            let recording = try ReadRecording(path: file)
            show(AgentSessions(recording.replay.pipeline, selection))
            return try recording.complain()
        }
        let configuration = try input.configuration.load()
        var sessions =
            try ofDaemon(DaemonAccess(configuration)) ?? AgentSessions(LookAround.now(configuration), selection)
        let files = ProcFS()
        sessions.addUse { keys in
            files.use(of: keys).mapValues {
                ResourceUse(resident: $0.resident, swapped: $0.swapped, cpu: $0.cpu, processes: 1)
            }
        }
        show(sessions)
    }

    /// As the daemon has counted them; nil where none runs, or none that may be asked.
    private func ofDaemon(_ daemon: DaemonAccess) throws -> AgentSessions? {
        do {
            guard let reply = try daemon.ask(.sessions(all: all, onlyLeftovers: orphans)) else { return nil }
            guard let sessions = AgentSessions(reply) else {
                throw Failure(code: .unavailable, what: "daemon", why: "it answers in another language")
            }
            return sessions
        } catch let failure as Failure where failure.code == .notPermitted {
            return nil
        }
    }

    private func show(_ sessions: AgentSessions) {
        switch format {
        case .table:
            let style = Style(colour: Terminal.hasColour, width: Terminal.width)
            Terminal.result(AgentSessionText.render(sessions.list, onlyLeftovers: orphans, style: style))
        case .json: Terminal.result(AgentSessionJSON.document(sessions.list).pretty)
        }
    }
}
