import AgentRecognition
import ArgumentParser
import Collector
import Configuration
import EventModel
import FlightRecorder
import ProcessTracking
import Reporting
import UnitTracking

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live", abstract: "Events as they come, one a line; or those of a recording.")

    @Option(help: "compact or json (one object a line).")
    var format = Format.compact

    @Option(help: "Only what this agent's trees do.")
    var agent: String?

    @Option(help: "Only what processes of units that match this pattern do.")
    var unit: String?

    @Option(help: "Where events come from: auto, bpf, procfs.")
    var source = SourceOption.auto

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .customLong("from"), help: "Read this recording instead of watching this host.")
    var file: String?

    enum Format: String, ExpressibleByArgument, CaseIterable { case compact, json }

    func run() throws {
        let unit = try unit.map { try Patterns.units($0, option: "--unit") }
        guard file == nil else {
            let recording = try ReadRecording(InputOptions.from(file)) { event, pipeline in show(event, pipeline, unit)
            }
            return try recording.complain()
        }
        try watch(unit)
    }

    private func watch(_ unit: UnitPattern?) throws {
        let configuration = try options.load()
        let signals = try StopSignals()
        var pipeline = Pipeline(configuration, ring: try FlightRing())
        let capture = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: Version.text, preference: source.preference
        ) { record, event in
            pipeline.consume(record, event)
            // What was there before is no news; sources and the host are.
            if case .seen = event.body { return }
            if case .cgroup = event.body { return }
            if case .unit = event.body { return }
            if case .journal = event.body { return }
            show(event, pipeline, unit)
        }
        while !signals.wait(capture.descriptor, milliseconds: 200) {
            try capture.drain { record, event in
                pipeline.consume(record, event)
                show(event, pipeline, unit)
            }
        }
    }

    private func show(_ event: Event, _ pipeline: borrowing Pipeline, _ unit: UnitPattern?) {
        guard isWanted(event, pipeline, unit) else { return }
        if case .clock = event.body, format == .compact { return }
        let table = pipeline.table
        let line = EventLine(
            wallOffset: pipeline.provenance.wallOffset(at: event.time), bootID: pipeline.provenance.host?.bootID ?? ""
        ) { table[$0]?.comm }
        Terminal.result((format == .json ? line.json(event) : line.text(event)) + "\n")
    }

    private func isWanted(_ event: Event, _ pipeline: borrowing Pipeline, _ unit: UnitPattern?) -> Bool {
        guard agent != nil || unit != nil else { return true }
        if agent == nil, let unit, let told = event.unit { return unit.matches(told) }
        guard let process = event.process.flatMap({ pipeline.table[$0] }) else { return false }
        if let agent, !pipeline.agents.chain(from: process.tag).contains(where: { $0.agent == agent }) { return false }
        if let unit {
            let own = pipeline.units.unit(of: process, cgroups: pipeline.cgroups)
            if !(own.map { unit.matches($0) } ?? false) { return false }
        }
        return true
    }
}

extension Event {
    /// The unit that it tells something of.
    fileprivate var unit: UnitID? {
        switch body {
        case .unit(let state): state.unit
        case .job(let change): change.unit
        case .journal(let entry): entry.unit
        default: nil
        }
    }
}
