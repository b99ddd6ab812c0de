import ArgumentParser
import Attribution
import Collector
import EventModel
import IncidentDetection
import Reporting

struct WhoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "One answer: who killed, restarted or blocked SUBJECT.")

    @Argument(help: "A unit or a pattern of units, a process name, a pid, or :PORT.")
    var subject: String

    @Option(
        parsing: .unconditional, help: "Only what happened at or after this time: today, '10 min ago', -1h, RFC 3339.")
    var since: String?

    @OptionGroup var input: InputOptions

    func run() throws {
        let filter = try IncidentsCommand.Filter(since: since, until: nil, subject: nil, agent: nil)
        if subject.hasPrefix(":") { return try answer(port: Self.port(subject)) }
        guard !subject.isEmpty else { throw ValidationError("SUBJECT is empty; name a process, a pid or :PORT") }
        let recording = try ReadRecording(input, extraWatches: Self.watches(for: subject))
        let name = Self.name(of: subject)
        let found = recording.incidents.filter { isAnswer($0, name) && filter.accepts($0) }
        guard let latest = found.max(by: { $0.disruption.at < $1.disruption.at }) else {
            throw recording.notFound(
                "who \(subject)", why: "nothing of that name was disrupted in \(recording.path)",
                remedy: "culprit live --from FILE shows what happened")
        }
        Terminal.result(TextAnswer.render(latest, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
        try recording.complain()
    }

    /// By the subject's name, by a unit pattern, or by the process that was a unit's: its end is the unit's incident.
    private func isAnswer(_ incident: Incident, _ name: String) -> Bool {
        if incident.subject.name == name { return true }
        if subject.contains("/") || incident.subject.kind == .unit, let pattern = try? UnitPattern(subject),
            pattern.matches(incident.subject)
        {
            return true
        }
        guard let facts = incident.disruption.systemd else { return false }
        let processes = [incident.disruption.mainBefore, facts.failedStart?.main] + facts.workers.map { $0.process }
        if let pid = Int32(subject) { return processes.contains { $0?.pid == pid } }
        return incident.timeline.contains { entry in
            entry.kind == "exit" && entry.process?.comm == subject
                && processes.contains { $0 == entry.process?.key }
        }
    }

    /// `who` asks about anything: what the configuration does not watch is watched for the sake of the question.
    private static func watches(for subject: String) -> [ProcessWatch] {
        if let pid = Int32(subject) { return [ProcessWatch(name: name(of: subject), pid: pid)] }
        guard let literal = try? Glob(String(subject.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })) else {
            return []
        }
        return [ProcessWatch(name: subject, comm: literal)]
    }

    private static func name(of subject: String) -> String { Int32(subject) != nil ? "pid \(subject)" : subject }

    private static func port(_ subject: String) throws -> UInt16 {
        guard let port = UInt16(subject.dropFirst()) else {
            throw ValidationError("SUBJECT: '\(subject)' is no port; try :8080")
        }
        return port
    }

    private func answer(port: UInt16) throws {
        let recording = try ReadRecording(input)
        let holders = recording.replay.pipeline.ports.holders(ofPort: port)
        let refusals = recording.replay.pipeline.ports.refusals.filter { $0.endpoint.port == port }
        guard !holders.isEmpty || !refusals.isEmpty else {
            throw recording.notFound(
                "who :\(port)",
                why: "nobody was seen to take or ask for that port in \(recording.path)")
        }
        Terminal.result(PortAnswer.render(port: port, holders: holders, refusals: refusals, recording.replay.pipeline))
        try recording.complain()
    }
}
