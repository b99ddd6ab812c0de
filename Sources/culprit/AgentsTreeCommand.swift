import AgentRecognition
import ArgumentParser
import Attribution
import Collector
import Configuration
import ControlSocket
import Daemon
import EventModel
import FlightRecorder
import ProcessTracking
import Reporting

struct AgentsTreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Every agent with all that descends from it; now, or at the end of a recording.")

    @Option(help: "text or json.")
    var format = OutputFormat.text

    @Flag(help: "Processes that have ended, too.")
    var all = false

    @Option(
        name: .customLong("from"), help: "Read this recording instead of asking the daemon or looking at this host."
    )
    var file: String?

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        if let file {
            let replay = try Replay(path: file)
            return show(whole(AgentTrees.forest(replay.pipeline, includingEnded: all, limit: Self.most)))
        }
        let configuration = try options.load()
        if let forest = try ofDaemon(DaemonAccess(configuration)) { return show(forest) }
        let pipeline = try LookAround.now(configuration)
        show(whole(AgentTrees.forest(pipeline, includingEnded: all, limit: Self.most)))
    }

    /// Processes that are shown; a host has room for more only where somebody made it.
    private static let most = 50_000

    private func whole(_ forest: AgentForest) -> AgentForest {
        if forest.nodes.count == Self.most { tellOfMore() }
        return forest
    }

    private func tellOfMore() {
        Terminal.message("culprit: more processes descend from agents than are shown here")
    }

    /// As the daemon has seen them grow; nil where none runs, or none that may be asked.
    private func ofDaemon(_ daemon: DaemonAccess) throws -> AgentForest? {
        do {
            guard let reply = try daemon.ask(.agents(includingEnded: all)) else { return nil }
            guard let one = StoredJSON.unwrap("nodes", reply),
                let forest = try? AgentTreeJSON.forest(one.json, wallOffset: one.wallOffset)
            else { throw Failure(code: .unavailable, what: "daemon", why: "it answers in another language") }
            if reply["truncated"]?.flag == true { tellOfMore() }
            return forest
        } catch let failure as Failure where failure.code == .notPermitted {
            return nil
        }
    }

    private func show(_ forest: AgentForest) {
        switch format {
        case .text:
            Terminal.result(
                AgentTreeText.render(forest, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
        case .json: Terminal.result(AgentTreeJSON.document(forest).pretty)
        }
    }
}
