import AgentRecognition
import ArgumentParser
import Collector
import Configuration
import ControlSocket
import Daemon
import EventModel
import FlightRecorder
import ProcessTracking
import Reporting

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live", abstract: "Events as they come, one a line; or those of a recording.")

    @Option(help: "compact or json (one object a line).")
    var format = Format.compact

    @Option(help: "Only what this agent's trees do.")
    var agent: String?

    @Option(help: "Only what processes of units that match this pattern do.")
    var unit: String?

    @Option(help: "Watch this host oneself instead of asking the daemon: auto, bpf, procfs.")
    var source: SourceOption?

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .customLong("from"), help: "Read this recording instead of watching this host.")
    var file: String?

    enum Format: String, ExpressibleByArgument, CaseIterable { case compact, json }

    func run() throws {
        let filter = EventFilter(agent: agent, unit: try unit.map { try Patterns.units($0, option: "--unit") })
        if let file {
            let recording = try ReadRecording(path: file) { event, pipeline in show(event, pipeline, filter) }
            return try recording.complain()
        }
        let configuration = try options.load()
        if source == nil, let client = try connect(DaemonAccess(configuration)) { return try follow(client) }
        try watch(configuration, filter)
    }

    /// Nil where no daemon runs, or none that may be asked: then this command watches by itself.
    private func connect(_ daemon: DaemonAccess) throws -> ControlClient? {
        do { return try daemon.connect() } catch let failure as Failure where failure.code == .notPermitted {
            return nil
        }
    }

    private func follow(_ client: ControlClient) throws {
        let signals = try StopSignals()
        let wanted = ControlRequest.LiveFilter(isJSON: format == .json, agent: agent, unit: unit)
        _ = try DaemonAccess.ask(client, .live(wanted))
        while !signals.wait([client.fileDescriptor], milliseconds: 1000) {
            do throws(ControlClient.Failure) {
                guard let lines = try client.moreLines(milliseconds: 0) else {
                    throw .unreachable(path: "its socket", why: "it has ended")
                }
                Terminal.result(String(decoding: lines, as: UTF8.self))
            } catch {
                throw DaemonAccess.failure(error)
            }
        }
    }

    private func watch(_ configuration: Configuration, _ filter: EventFilter) throws {
        let signals = try StopSignals()
        var pipeline = Pipeline(configuration, ring: try FlightRing())
        let capture = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: Version.text,
            preference: (source ?? .auto).preference
        ) { record, event in
            pipeline.consume(record, event)
            // What was there before is no news; sources and the host are.
            if case .seen = event.body { return }
            if case .cgroup = event.body { return }
            if case .unit = event.body { return }
            if case .journal = event.body { return }
            show(event, pipeline, filter)
        }
        while !signals.wait([capture.descriptor], milliseconds: 200) {
            try capture.drain { record, event in
                pipeline.consume(record, event)
                show(event, pipeline, filter)
            }
        }
    }

    private func show(_ event: Event, _ pipeline: borrowing Pipeline, _ filter: EventFilter) {
        guard filter.accepts(event, pipeline) else { return }
        if case .clock = event.body, format == .compact { return }
        let table = pipeline.table
        let line = EventLine(
            wallOffset: pipeline.provenance.wallOffset(at: event.time), bootID: pipeline.provenance.host?.bootID ?? ""
        ) { table[$0]?.comm }
        Terminal.result((format == .json ? line.json(event) : line.text(event)) + "\n")
    }
}
